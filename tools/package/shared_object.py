"""Shared objects without what only a debugger reads: in some wheels that is most of them.

    header 64 | program headers | what is loaded ... | symbols, lines of source | section headers

The system loads by the program headers alone. What lies behind the last of their parts is cut off, and the
header says that there are no sections. Offsets are those of ELF with 64 bits (System V ABI, chapter 4).
"""

import struct

_MAGIC = b"\x7fELF\x02\x01"  # 64 bits, least significant byte first
_HEADER_LEN = 64
_PROGRAM_HEADERS_AT = 32  # 8 bytes; their length and their number follow at 54, 2 bytes each
_SECTION_HEADERS_AT = 40  # 8 bytes; their number, and which has the names, at 60, 2 bytes each


def shortened(content: bytes) -> bytes:
    """Return a shared object without what is not loaded; whatever else it is comes back as it is."""
    if len(content) < _HEADER_LEN or not content.startswith(_MAGIC):
        return content
    (begin,) = struct.unpack_from("<Q", content, _PROGRAM_HEADERS_AT)
    length, count = struct.unpack_from("<HH", content, 54)
    end = begin + length * count
    for at in range(begin, end, length):
        (offset,) = struct.unpack_from("<Q", content, at + 8)
        (size,) = struct.unpack_from("<Q", content, at + 32)
        end = max(end, offset + size)
    cut = bytearray(content[:end])
    struct.pack_into("<Q", cut, _SECTION_HEADERS_AT, 0)
    struct.pack_into("<HH", cut, 60, 0, 0)
    return bytes(cut)
