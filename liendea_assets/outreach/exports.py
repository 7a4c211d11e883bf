"""Files for people to read: each queued e-mail as .eml. Nothing here sends."""

import os
from pathlib import Path

import pandas as pd


def write_dry_run(queued: pd.DataFrame, folder: Path) -> int:
    """Makes the folder hold exactly the queued messages, one `<campaign>/<id>.eml` each. Returns how many there are.

    Args:
        queued: `id`, `campaign`, `message`.
    """
    wanted = {folder / str(row.campaign) / f"{row.id}.eml": str(row.message) for row in queued.itertuples()}
    for path, message in wanted.items():
        content = message.encode()
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, content)
    for path in folder.glob("*/*.eml"):
        if path not in wanted:
            path.unlink()
    return len(wanted)


def _write_whole(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".part")
    temporary.write_bytes(content)
    os.replace(temporary, path)
