import zipfile
from pathlib import Path

import pandas as pd
import pytest

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.linkedin_export import read_export
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.text_files import decode
from liendea_assets_tests.builders import CONNECTIONS_HEADER, NOTE, connection, connections_csv, csv_text, make_export
from liendea_assets_tests.imports.broken_archives import break_content, mark_encrypted

# Of 2017 (no profile address, the address before the employer), of 2021 (one line of note), of today (three lines, the last blank).
ERAS = {
    "2017": csv_text(
        [
            ("First Name", "Last Name", "Email Address", "Company", "Position", "Connected On"),
            ("Robin", "Weaver", "", "Acme Labs", "VP Sales", "2/8/2026"),
        ]
    ),
    "2021": "Notes: some of the email addresses are missing\n"
    + csv_text(
        [
            ("First Name", "Last Name", "Email Address", "Company", "Position", "Connected On"),
            ("Robin", "Weaver", "", "Acme Labs", "VP Sales", "08 Feb 2026"),
        ]
    ),
    "today": connections_csv([connection()]),
}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("is_loose", [True, False])
def test_every_era_line_end_and_encoding_is_read(
    tmp_path: Path, import_settings: ImportSettings, era: str, newline: str, encoding: str, is_loose: bool
) -> None:
    content = ERAS[era].replace("\n", newline).encode(encoding)
    path = tmp_path / ("Connections.csv" if is_loose else "export.zip")
    if is_loose:
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("Connections.csv", content)

    part = read_export(path, import_settings).parts[0]

    row = part.fields().iloc[0]
    assert (part.part, part.blank, len(part.numbers), part.numbers[0]) == ("Connections.csv", 0, 1, 1)
    assert [row["first_name"], row["last_name"], row["company_name"], row["title"]] == ["Robin", "Weaver", "Acme Labs", "VP Sales"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_file_that_a_spreadsheet_saved_anew_is_read(tmp_path: Path, import_settings: ImportSettings, delimiter: str) -> None:
    text = csv_text([CONNECTIONS_HEADER, connection(connected="4-Apr-21", company="Acme, Labs")], delimiter=delimiter)
    (tmp_path / "my contacts.CSV").write_bytes(("Notes:" + delimiter * 6 + "\n" + text).encode("cp1252"))

    row = read_export(tmp_path / "my contacts.CSV", import_settings).parts[0].fields().iloc[0]

    assert (row["company_name"], row["connected_on"]) == ("Acme, Labs", "4-Apr-21")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("José".encode(), "José"),
        ("José".encode("utf-8-sig"), "José"),
        ("José".encode("utf-16"), "José"),
        ("José".encode("utf-16-be").join([b"\xfe\xff", b""]), "José"),
        ("José – “x” €".encode("cp1252"), "José – “x” €"),
        (b"", ""),
    ],
)
def test_text_is_decoded_as_it_was_meant(content: bytes, text: str) -> None:
    assert decode(content) == text


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UnreadableFile, match=r"not a text file \(it holds NUL characters\)"):
        decode(b"\x89PNG\0\0")


def test_blank_lines_count_up_to_the_last_filled_one(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = tmp_path / "Connections.csv"
    path.write_text(connections_csv([connection(), [""] * 7, [" "], connection(first="Ann")]) + "\n,,,,,,\n")

    part = read_export(path, import_settings).parts[0]

    assert list(part.numbers) == [1, 4]
    assert part.blank == 2


def test_a_cell_may_hold_line_ends_commas_and_quotes(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = tmp_path / "Connections.csv"
    path.write_text(connections_csv([connection(position='VP, "Sales"\nEMEA'), connection(first="Ann")]))

    rows = read_export(path, import_settings).parts[0].fields()

    assert list(rows["title"]) == ['VP, "Sales"\nEMEA', "VP Sales"]


def test_a_line_that_is_too_short_is_filled_up(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = tmp_path / "Connections.csv"
    path.write_text(connections_csv([connection()]) + "Ann,Lee\n")

    row = read_export(path, import_settings).parts[0].fields().iloc[1]

    assert row["first_name"] == "Ann"
    assert pd.isna(row["connected_on"])


def test_the_owner_is_named_by_the_archive_alone(tmp_path: Path, import_settings: ImportSettings) -> None:
    make_export(tmp_path / "a.zip", connections_csv([connection()]), owner=("Alex", "Morgan"))
    make_export(tmp_path / "b.zip", connections_csv([connection()]), owner=None)
    (tmp_path / "Connections.csv").write_text(connections_csv([connection()]))

    assert read_export(tmp_path / "a.zip", import_settings).owner == "Alex Morgan"
    assert read_export(tmp_path / "b.zip", import_settings).owner is None
    assert read_export(tmp_path / "Connections.csv", import_settings).owner is None


MESSAGES = csv_text(
    [
        ("FROM", "SENDER PROFILE URL", "RECIPIENT PROFILE URLS", "DATE"),
        ("Alex Morgan", "https://www.linkedin.com/in/alex", "https://www.linkedin.com/in/robin-weaver", "2026-01-02 03:04:05 UTC"),
    ]
)


def test_members_are_known_in_folders_in_any_case_and_with_a_member_id(tmp_path: Path, import_settings: ImportSettings) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("Basic_Export/Profile Summary.csv", csv_text([("First Name", "Last Name"), ("Not", "Me")]))
        archive.writestr("Basic_Export/MESSAGES_123456789.csv", "\ufeff" + MESSAGES)
        archive.writestr("Basic_Export/learning_coach_messages.csv", "First Name,Connected On\n")
        archive.writestr("Basic_Export/Connections_123456789.csv", connections_csv([connection()]))
        archive.writestr("Basic_Export/Profile_123456789.csv", csv_text([("First Name", "Last Name"), ("Alex", "Morgan")]))

    source = read_export(tmp_path / "a.zip", import_settings)

    assert [part.part for part in source.parts] == ["Connections_123456789.csv"]
    assert (source.owner, source.owner_linkedin_id) == ("Alex Morgan", "alex")
    assert source.activity is not None
    assert source.activity.to_dict("records") == [{"linkedin_id": "robin-weaver", "sent": 1, "received": 0, "last_received_on": None}]


def test_companion_files_of_a_mac_are_no_members(tmp_path: Path, import_settings: ImportSettings) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("Connections.csv", "Profile.csv", "messages.csv"):
            archive.writestr(f"__MACOSX/._{name}", b"\0\5\x16\7\0\2\0\0Mac OS X")
        archive.writestr("Connections.csv", connections_csv([connection()]))
        archive.writestr("Profile.csv", csv_text([("First Name", "Last Name"), ("Alex", "Morgan")]))

    source = read_export(tmp_path / "a.zip", import_settings)

    assert (source.owner, len(source.parts[0].fields()), source.activity) == ("Alex Morgan", 1, None)


def test_connections_under_another_name_are_found(tmp_path: Path, import_settings: ImportSettings) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("Ads.csv", "a,b\n1,2\n")
        archive.writestr("Verbindungen.csv", connections_csv([connection()]))

    assert [part.part for part in read_export(tmp_path / "a.zip", import_settings).parts] == ["Verbindungen.csv"]


def test_an_export_whose_owner_is_not_known_in_its_messages_has_no_activity(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = make_export(tmp_path / "a.zip", connections_csv([connection()]), owner=("Some", "Body"), messages=MESSAGES)

    source = read_export(path, import_settings)

    assert (source.owner_linkedin_id, source.activity) == (None, None)


def broken(tmp_path: Path) -> dict[str, Path]:
    """One broken file per reason."""
    files = {name: tmp_path / name for name in ("empty.csv", "empty.zip", "text.zip", "headless.csv", "deep.csv", "image.csv")}
    files["empty.csv"].touch()
    files["empty.zip"].touch()
    files["text.zip"].write_text(ERAS["today"])
    files["headless.csv"].write_text("Robin,Weaver,Acme\nAnn,Lee,Acme\n")
    files["deep.csv"].write_text("note\n" * 10 + ERAS["2017"])
    files["image.csv"].write_bytes(b"\x89PNG\0\0")
    for name in ("no members.zip", "no csv.zip", "no connections.zip"):
        files[name] = tmp_path / name
    zipfile.ZipFile(files["no members.zip"], "w").close()
    with zipfile.ZipFile(files["no csv.zip"], "w") as archive:
        archive.writestr("readme.txt", "hello")
    with zipfile.ZipFile(files["no connections.zip"], "w") as archive:
        archive.writestr("Profile.csv", "First Name,Last Name\nAlex,Morgan\n")
    files["locked.zip"] = mark_encrypted(make_export(tmp_path / "locked.zip", ERAS["today"]))
    files["scrambled.zip"] = break_content(make_export(tmp_path / "scrambled.zip", ERAS["today"]), b"Connections.csv")
    files["cut.zip"] = tmp_path / "cut.zip"
    files["cut.zip"].write_bytes(make_export(tmp_path / "whole.zip", ERAS["today"]).read_bytes()[:200])
    return files


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty.csv", r"^the file is empty$"),
        ("empty.zip", r"^the file is empty$"),
        ("text.zip", r"^the ZIP archive is damaged or cut off \(BadZipFile\)$"),
        ("cut.zip", r"^the ZIP archive is damaged or cut off \(BadZipFile\)$"),
        ("scrambled.zip", r"^the ZIP archive is damaged \(\w+ while unpacking\)$"),
        ("locked.zip", r"^the ZIP archive is protected by a password; save it without one$"),
        ("no members.zip", r"^no LinkedIn connections found in an archive without CSV files: "),
        ("no csv.zip", r"^no LinkedIn connections found in an archive without CSV files: "),
        ("no connections.zip", r"^no LinkedIn connections found in Profile\.csv: "),
        (
            "headless.csv",
            r'^no LinkedIn connections found in headless\.csv: looked in the first 10 lines .* "First Name" and "Connected On"',
        ),
        ("deep.csv", r"^no LinkedIn connections found in deep\.csv: "),
        ("image.csv", r"^not a text file \(it holds NUL characters\)$"),
    ],
)
def test_a_broken_export_has_its_reason(tmp_path: Path, import_settings: ImportSettings, name: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_export(broken(tmp_path)[name], import_settings)


def test_a_note_in_quotes_that_holds_the_names_of_columns_is_no_header(tmp_path: Path, import_settings: ImportSettings) -> None:
    note = [*NOTE[:1], '"You see First Name, Last Name and Connected On of each connection."', ""]
    (tmp_path / "Connections.csv").write_text(connections_csv([connection()], above=note))

    assert len(read_export(tmp_path / "Connections.csv", import_settings).parts[0].fields()) == 1
