import csv
from pathlib import Path

import pandas as pd
import pytest

from liendea_assets.core.text import plain_cell
from liendea_assets.outreach.exports import LINKEDIN_COLUMNS, write_dry_run, write_linkedin_list


def emails(*rows: tuple[int, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", "campaign", "message"])


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def people(**changed: object) -> pd.DataFrame:
    row: dict[str, object] = {
        "full_name": "Robin Weaver",
        "title": "VP Sales",
        "company": "Acme Labs",
        "icp_score": 90,
        "targeting_reason": "Title VP Sales (+25)",
        "linkedin_url": "https://www.linkedin.com/in/robin-weaver",
        "mutual_connection": "Alex Morgan",
        "message": "Hi Robin",
    }
    return pd.DataFrame([row | changed])


def read_list(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


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


def test_linkedin_list_has_its_columns_and_a_mark_for_excel(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "list.csv"
    assert write_linkedin_list(people(full_name="Zoë Łuk", message="Hi,\nZoë"), path) == 1
    assert path.read_bytes().startswith(b"\xef\xbb\xbfname,title,company,score,reason,profile_url,mutual_connection,suggested_message\r\n")
    profile = "https://www.linkedin.com/in/robin-weaver"
    assert read_list(path) == [
        list(LINKEDIN_COLUMNS),
        ["Zoë Łuk", "VP Sales", "Acme Labs", "90", "Title VP Sales (+25)", profile, "Alex Morgan", "Hi,\nZoë"],
    ]


def test_what_is_not_known_is_blank(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    write_linkedin_list(people(title=None, mutual_connection=None), path)
    assert read_list(path)[1][1::5] == ["", ""]


def test_list_of_nobody_has_its_header_alone(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    assert write_linkedin_list(people().iloc[:0], path) == 0
    assert read_list(path) == [list(LINKEDIN_COLUMNS)]


def test_list_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_linkedin_list(people(), tmp_path / "list.csv")
    write_linkedin_list(people(full_name="Alex"), tmp_path / "list.csv")
    assert list(files(tmp_path)) == ["list.csv"]
    assert read_list(tmp_path / "list.csv")[1][0] == "Alex"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("field", ["full_name", "title", "company", "mutual_connection", "message", "linkedin_url"])
def test_no_cell_is_a_formula(tmp_path: Path, field: str, start: str) -> None:
    path = tmp_path / "list.csv"
    formula = f'{start}HYPERLINK("https://evil.example")'
    write_linkedin_list(people(**{field: formula}), path)
    cells = read_list(path)[1]
    assert not any(cell.startswith(start) for cell in cells)
    assert f"'{formula}" in cells


def test_numbers_stay_numbers() -> None:
    assert (plain_cell(-5), plain_cell("-5"), plain_cell("5-6")) == (-5, "'-5", "5-6")
