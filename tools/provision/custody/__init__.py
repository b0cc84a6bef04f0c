"""Who keeps the keys: one file of the organisation, encrypted with age to named readers.

    reader      an age identity of a person or a laptop, itself encrypted with a passphrase
    content     what the file says, and what may be done to it; pure
    store       the file: locked, decrypted, changed, encrypted, replaced whole
    enrolments  what a gateway is told, encrypted to that gateway
    signing     the organisation's signature under a record
    search      finds a key in clear, where none may be

In clear keys exist in the memory of this process alone. Python cannot wipe that; it ends with the process.
"""
