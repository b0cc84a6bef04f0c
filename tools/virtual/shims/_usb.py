"""`machine.USBDevice` of the ESP32-S3: a USB function made of Python callbacks, beside the console's.

As extmod/machine_usb_device.c and shared/tinyusb/mp_usbd_runtime.c do it, where the documentation says
otherwise too: `xfer_cb` gets 0 for success, `open_itf_cb` the descriptors behind the association, an
endpoint that is busy raises EBUSY. Callbacks run from the scheduler; what they raise is printed.
"""

import sys

import _air

_EINVAL = 22
_EBUSY = 16
_SETUP, _DATA, _ACK = 1, 2, 3
_IN = 0x80

_CONSOLE = bytes((8, 11, 0, 2, 2, 2, 0, 0)) + bytes((9, 4, 0, 0, 1, 2, 2, 0, 4))
_CONSOLE += bytes((5, 36, 0, 32, 1, 5, 36, 1, 0, 1, 4, 36, 2, 6, 5, 36, 6, 0, 1))
_CONSOLE += bytes((7, 5, 0x81, 3, 8, 0, 16)) + bytes((9, 4, 1, 0, 2, 10, 0, 0, 0))
_CONSOLE += bytes((7, 5, 2, 2, 64, 0, 0)) + bytes((7, 5, 0x82, 2, 64, 0, 0))


class _BuiltIn:
    """What the port brings itself: the console."""

    itf_max = 2
    ep_max = 3
    str_max = 5
    desc_dev = bytes((18, 1, 0, 2, 0xEF, 2, 1, 64, 0x3A, 0x30, 1, 0x40, 0, 1, 1, 2, 3, 1))
    desc_cfg = bytes((9, 2, 9 + len(_CONSOLE), 0, 2, 1, 0, 0x80, 125)) + _CONSOLE


class _USBDevice:
    BUILTIN_NONE = None
    BUILTIN_DEFAULT = _BuiltIn

    def __init__(self):
        self.builtin_driver = None
        self._active = False
        self._enumerable = False
        self._busy = {}
        _air.on("usb_reset", self._reset)
        _air.on("usb_open", self._open)
        _air.on("usb_control", self._control)
        _air.on("usb_transfer", self._transfer)

    def config(
        self,
        desc_dev,
        desc_cfg,
        desc_strs,
        open_itf_cb=None,
        reset_cb=None,
        control_xfer_cb=None,
        xfer_cb=None,
    ):
        if self._active:
            raise OSError(_EINVAL)
        self._cfg = desc_cfg
        self._callbacks = (open_itf_cb, reset_cb, control_xfer_cb, xfer_cb)
        strings = [] if desc_strs is None else [[key, desc_strs[key]] for key in desc_strs]
        _air.call("usb_config", list(desc_dev), list(desc_cfg), strings)

    def active(self, value=None):
        before = self._active
        if value is not None and bool(value) != before:
            self._active = bool(value)
            self._enumerable = False
            _air.call("usb_active", self._active)
        return before

    def submit_xfer(self, ep, buffer):
        if not self._enumerable:
            raise OSError(_EINVAL)
        if ep & 0x7F == 0:
            raise ValueError("ep")
        if ep in self._busy:
            raise OSError(_EBUSY)
        self._busy[ep] = buffer
        if not _air.call("usb_submit", ep, list(buffer) if ep & _IN else len(buffer)):
            del self._busy[ep]
            return False
        return True

    def _call(self, which, *args):
        callback = self._callbacks[which]
        if callback is None:
            return False
        try:
            return callback(*args)
        except Exception as error:  # noqa: BLE001
            sys.print_exception(error)
            return False

    def _reset(self):
        self._busy = {}
        self._enumerable = self._active
        self._call(1)

    def _open(self, start, end):
        self._call(0, memoryview(self._cfg)[start:end])

    def _control(self, request, data):
        head = memoryview(bytes(request))
        answer = self._call(2, _SETUP, head)
        accepted = answer is not False
        if isinstance(answer, (bytes, bytearray, memoryview)):
            if not request[0] & _IN:
                answer[: len(data)] = bytes(data)
            data = list(answer)
            accepted = self._call(2, _DATA, head) is not False
        accepted = accepted and self._call(2, _ACK, head) is not False
        _air.call("usb_answered", bool(accepted), data)

    def _transfer(self, ep, result, data, count):
        buffer = self._busy.pop(ep, None)
        if buffer is None:
            return
        if not ep & _IN:
            buffer[:count] = bytes(data)
        self._call(3, ep, result, count)


_device = _USBDevice()


def USBDevice():
    """Return the one device."""
    return _device
