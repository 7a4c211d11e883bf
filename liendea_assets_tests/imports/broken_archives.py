"""Archives with one wrong byte range, made from whole ones."""

import struct
from pathlib import Path

LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
FLAGS = {LOCAL: 6, CENTRAL: 8}
PACKED_SIZE, UNPACKED_SIZE = 20, 24


def mark_encrypted(path: Path) -> Path:
    """Sets the password bit of every member, as an archiver does that protects them."""
    content = bytearray(path.read_bytes())
    for signature, offset in FLAGS.items():
        for start in _starts(content, signature):
            content[start + offset] |= 1
    path.write_bytes(content)
    return path


def claim_sizes(path: Path, packed: int, unpacked: int) -> Path:
    """Makes the archive's directory claim these sizes for its members."""
    content = bytearray(path.read_bytes())
    for start in _starts(content, CENTRAL):
        struct.pack_into("<II", content, start + PACKED_SIZE, packed, unpacked)
    path.write_bytes(content)
    return path


def break_directory(path: Path) -> Path:
    """The end of the archive is right, and its directory is not."""
    path.write_bytes(path.read_bytes().replace(CENTRAL, b"PK\xff\xff"))
    return path


def break_content(path: Path, member: bytes) -> Path:
    """Overwrites the packed bytes of a member."""
    content = bytearray(path.read_bytes())
    start = content.index(member, content.index(LOCAL)) + len(member)
    content[start : start + 12] = b"\xff" * 12
    path.write_bytes(content)
    return path


def _starts(content: bytearray, signature: bytes) -> list[int]:
    return [start for start in range(len(content)) if content.startswith(signature, start)]
