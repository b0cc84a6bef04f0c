"""The programs of Tocsin's devices, for MicroPython on ESP32."""
