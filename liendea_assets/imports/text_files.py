"""The text of files that people saved with whatever program they have."""

from liendea_assets.core.errors import UnreadableFile


def decode(content: bytes) -> str:
    """Text of a CSV: UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252.

    Raises:
        UnreadableFile: NUL characters, so no text at all.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            # Excel's "CSV" on a Western Windows; guessing a charset instead misreads names such as José
            text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise UnreadableFile("not a text file (it holds NUL characters)")
    return text
