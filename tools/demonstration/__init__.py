"""The whole system on one machine: virtual wearers, real firmware, the real gateway, an embedded broker."""
