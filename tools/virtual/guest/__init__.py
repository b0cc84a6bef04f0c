"""A Debian with the real BlueZ in a virtual machine, its adapter on the virtual air.

```
 this machine                                  | the guest (QEMU, no KVM, no network)
 world --- radio --- Controller --- Adapter ===|=== hci_shim --- /dev/vhci --- bluetoothd --- gateway
 tests --- Guest ------------------------------|--- agent: runs commands
```
"""
