from pathlib import Path

import pandas as pd

from liendea_assets.core.text import plain_cell
from liendea_assets.outreach.exports import write_dry_run


def emails(*rows: tuple[int, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", "campaign", "message"])


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_emails_are_written_byte_for_byte(tmp_path: Path) -> None:
    message = "To: robin@acme.example\r\nSubject: Hi\r\n\r\nCaf=C3=A9\r\n\r\n"
    assert write_dry_run(emails((3, "spring", message), (4, "autumn", "x\r\n")), tmp_path) == 2
    assert files(tmp_path) == {"autumn/4.eml": b"x\r\n", "spring/3.eml": message.encode()}


def test_email_that_is_queued_no_more_is_removed(tmp_path: Path) -> None:
    write_dry_run(emails((3, "spring", "a"), (4, "spring", "b")), tmp_path)
    assert write_dry_run(emails((4, "spring", "b")), tmp_path) == 1
    assert files(tmp_path) == {"spring/4.eml": b"b"}
    assert write_dry_run(emails(), tmp_path) == 0
    assert files(tmp_path) == {}


def test_email_that_changed_is_written_again_and_one_that_did_not_is_left_alone(tmp_path: Path) -> None:
    write_dry_run(emails((3, "spring", "a"), (4, "spring", "b")), tmp_path)
    before = (tmp_path / "spring" / "4.eml").stat().st_ino
    write_dry_run(emails((3, "spring", "c"), (4, "spring", "b")), tmp_path)
    assert files(tmp_path) == {"spring/3.eml": b"c", "spring/4.eml": b"b"}
    assert (tmp_path / "spring" / "4.eml").stat().st_ino == before


def test_files_of_other_kinds_are_not_ours_to_remove(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write_dry_run(emails(), tmp_path)
    assert files(tmp_path) == {"notes.txt": b"mine"}


def test_numbers_stay_numbers() -> None:
    assert (plain_cell(-5), plain_cell("-5"), plain_cell("5-6")) == (-5, "'-5", "5-6")
