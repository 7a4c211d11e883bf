"""Files for people to read: each queued e-mail as .eml, and the day's LinkedIn list as CSV. Nothing here sends."""

import csv
import os
from pathlib import Path

import pandas as pd

from liendea_assets.core.text import plain_cell

LINKEDIN_COLUMNS = ("name", "title", "company", "score", "reason", "profile_url", "mutual_connection", "suggested_message")


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


def write_linkedin_list(queued: pd.DataFrame, path: Path) -> int:
    """Writes the list with `LINKEDIN_COLUMNS`, the best first. Returns its length.

    Args:
        queued: `full_name`, `title`, `company`, `icp_score`, `targeting_reason`, `linkedin_url`, `mutual_connection`, `message`.
    """
    rows = queued[["full_name", "title", "company", "icp_score", "targeting_reason", "linkedin_url", "mutual_connection", "message"]]
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    with temporary.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(LINKEDIN_COLUMNS)
        for row in rows.astype(object).where(rows.notna(), "").itertuples(index=False):
            out.writerow([plain_cell(value) for value in row])
    os.replace(temporary, path)
    return len(rows)


def _write_whole(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".part")
    temporary.write_bytes(content)
    os.replace(temporary, path)
