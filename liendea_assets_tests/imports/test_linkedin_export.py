import csv
import io
import zipfile
from pathlib import Path

import pytest

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.linkedin_export import read_export
from liendea_assets.imports.linkedin_people import connections_of
from liendea_assets.imports.model import ACTIVITY_COLUMNS, SourceFile
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.normalize import land_linkedin
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


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("Carl,Jones,https://www.linkedin.com/in/carl,,Acme, CEO, extra,03 Jan 2024", 8),
        ("Carl,Jones,https://www.linkedin.com/in/carl,Acme,CEO,03 Jan 2024", 6),
        ("Carl,Jones", 2),
    ],
)
def test_a_row_with_more_or_fewer_cells_than_the_header_is_rejected_and_shifts_nothing(
    tmp_path: Path, import_settings: ImportSettings, line: str, cells: int
) -> None:
    path = tmp_path / "Connections.csv"
    path.write_text(connections_csv([connection()]) + line + "\n" + csv_text([connection(first="Ann")]))

    part = read_export(path, import_settings).parts[0]
    landed = land_linkedin(part, import_settings)

    assert part.faults == {1: f"has {cells} cells where the header has 7"}
    assert landed.rows["verdict"].tolist() == ["accepted", "rejected", "accepted"]
    assert landed.rows.loc[1, ["full_name", "connected_on"]].isna().all()
    assert landed.rejections[["row_number", "reason"]].values.tolist() == [[2, part.faults[1]]]
    assert part.cells.iloc[1].dropna().tolist() == [cell for cell in line.split(",") if cell], "the row is shown as it stood"


def test_empty_cells_at_the_end_of_a_row_are_no_fault(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = tmp_path / "Connections.csv"
    header = (*CONNECTIONS_HEADER, "Seen")
    path.write_text(connections_csv([connection(), [*connection(first="Ann"), "", "", " "]], header=header))

    part = read_export(path, import_settings).parts[0]

    assert (len(part.cells), part.faults, len(part.header)) == (2, {}, 8)


def test_a_row_with_too_many_cells_is_nobody_whom_a_message_could_mean(import_settings: ImportSettings, tmp_path: Path) -> None:
    path = tmp_path / "Connections.csv"
    path.write_text(connections_csv([[*connection(), "extra"], connection(first="Ann", url="https://www.linkedin.com/in/ann")]))

    people = connections_of(read_export(path, import_settings).parts[0], NameKeys(import_settings))

    assert people["row_number"].tolist() == [2]


def test_the_owner_is_named_by_the_archive_alone(tmp_path: Path, import_settings: ImportSettings) -> None:
    make_export(tmp_path / "a.zip", connections_csv([connection()]), owner=("Alex", "Morgan"))
    make_export(tmp_path / "b.zip", connections_csv([connection()]), owner=None)
    (tmp_path / "Connections.csv").write_text(connections_csv([connection()]))

    assert read_export(tmp_path / "a.zip", import_settings).owner == "Alex Morgan"
    assert read_export(tmp_path / "b.zip", import_settings).owner is None
    assert read_export(tmp_path / "Connections.csv", import_settings).owner is None


URL = "https://www.linkedin.com/in/"
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
    assert source.has_messages
    assert source.activity.to_dict("records") == [
        dict.fromkeys(ACTIVITY_COLUMNS)
        | {"linkedin_id": "robin-weaver", "row_number": 1, "sent": 1.0, "received": 0.0}
        | {"first_sent_on": "2026-01-02", "last_sent_on": "2026-01-02"}
        | dict.fromkeys(("endorsements_given", "endorsements_received", "recommendations_given", "recommendations_received"), 0)
    ]


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


SIGNALS = {
    "Invitations": csv_text(
        [
            ("From", "To", "Sent At", "Message", "Direction", "inviterProfileUrl", "inviteeProfileUrl"),
            ("Robin Weaver", "Alex Morgan", "1/29/26, 2:37 PM", "a secret\nin two lines", "INCOMING", f"{URL}robin-weaver", f"{URL}alex"),
            ("Alex Morgan", "Ann Lee", "12/3/25, 2:37 AM", "", "OUTGOING", f"{URL}alex", f"{URL}ann-lee"),
        ]
    ),
    "Endorsement_Received_Info": csv_text(
        [
            ("Endorsement Date", "Skill Name", "Endorser First Name", "Endorser Last Name", "Endorser Public Url", "Endorsement Status"),
            ("2026/01/01", "Sales", "Robin", "Weaver", "www.linkedin.com/in/robin-weaver", "ACCEPTED"),
            ("2026/01/01", "Talking", "Robin", "Weaver", "www.linkedin.com/in/robin-weaver", "PENDING"),
        ]
    ),
    "Endorsement_Given_Info": csv_text(
        [
            ("Endorsement Date", "Skill Name", "Endorsee First Name", "Endorsee Last Name", "Endorsee Public Url", "Endorsement Status"),
            ("2026/01/01", "Sales", "Ann", "Lee", "www.linkedin.com/in/ann-lee", "ACCEPTED"),
        ]
    ),
    "Recommendations_Received": csv_text(
        [
            ("First Name", "Last Name", "Company", "Job Title", "Text", "Creation Date", "Status"),
            ("Robin", "Weaver", "ACME LABS INC", "VP", "a secret", "01/02/26, 10:00 AM", "VISIBLE"),
            ("Robin", "Weaver", "Somewhere Else", "VP", "a secret", "01/02/26, 10:00 AM", "VISIBLE"),
        ]
    ),
    "Positions": csv_text(
        [
            ("Company Name", "Title", "Description", "Location", "Started On", "Finished On"),
            ("Acme Labs", "VP", "a secret", "", "Jan 2019", "Mar 2022"),
            ("Beta", "VP", "", "", "Apr-22", ""),
        ]
    ),
}
PEOPLE = [connection(), connection(first="Ann", last="Lee", url=f"{URL}ann-lee", company="Beta")]


def signals_of(source: SourceFile) -> dict[str, dict[str, object]]:
    assert source.activity is not None
    return {
        str(row["linkedin_id"]): {str(name): value for name, value in row.items() if value and name not in ("linkedin_id", "row_number")}
        for row in source.activity.to_dict("records")
    }


SAID = {
    "robin-weaver": {"invited_by": "contact", "invited_on": "2026-01-29", "endorsements_received": 1, "recommendations_received": 1},
    "ann-lee": {"invited_by": "owner", "invited_on": "2025-12-03", "endorsements_given": 1},
}


def test_all_files_that_tell_of_a_tie_are_read_and_no_text_of_them(tmp_path: Path, import_settings: ImportSettings) -> None:
    source = read_export(make_export(tmp_path / "a.zip", connections_csv(PEOPLE), None, **SIGNALS), import_settings)

    assert signals_of(source) == SAID
    assert (source.owner_linkedin_id, source.has_messages, source.note) == ("alex", False, None)
    assert source.positions is not None
    jobs = source.positions.astype(object).where(source.positions.notna(), None)
    assert jobs.to_numpy().tolist() == [["Acme Labs", 2019, 2022], ["Beta", 2022, None]]
    assert "secret" not in repr(source)


def test_files_are_known_however_they_are_written_and_saved(tmp_path: Path, import_settings: ImportSettings) -> None:
    def resaved(text: str) -> bytes:
        rows = list(csv.reader(io.StringIO(text)))
        return csv_text(rows, delimiter=";", newline="\r\n").encode("utf-8-sig")

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("Complete Export/CONNECTIONS 123.CSV", resaved(csv_text([CONNECTIONS_HEADER, *PEOPLE])))
        for name, text in SIGNALS.items():
            archive.writestr(f"Complete Export/sub/{name.replace('_', ' ').upper()}_123456.CSV", resaved(text))

    assert signals_of(read_export(tmp_path / "a.zip", import_settings)) == SAID


def test_invitations_without_profiles_count_where_the_name_is_one_persons(tmp_path: Path, import_settings: ImportSettings) -> None:
    twins = [connection(first="Sam", last="Bell", url=URL + slug) for slug in ("sam-1", "sam-2")]
    old = csv_text(
        [
            ("From", "To", "Sent At", "Message", "Direction"),
            ("Róbin Weaver", "Alex Morgan", "1/29/26, 2:37 PM", "", "INCOMING"),
            ("Alex Morgan", "Sam Bell", "1/29/26, 2:37 PM", "", "OUTGOING"),
            ("Alex Morgan", "No Body", "1/29/26, 2:37 PM", "", "OUTGOING"),
        ]
    )
    path = make_export(tmp_path / "a.zip", connections_csv([connection(), *twins]), Invitations=old)

    assert signals_of(read_export(path, import_settings)) == {"robin-weaver": {"invited_by": "contact", "invited_on": "2026-01-29"}}


def test_two_profiles_of_one_name_at_one_company_are_recommended_by_neither(tmp_path: Path, import_settings: ImportSettings) -> None:
    twins = [connection(url=URL + slug) for slug in ("robin-1", "robin-2")]
    path = make_export(tmp_path / "a.zip", connections_csv(twins), Recommendations_Received=SIGNALS["Recommendations_Received"])

    assert signals_of(read_export(path, import_settings)) == {}


def test_a_broken_file_beside_the_connections_is_noted_and_left_out(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = make_export(tmp_path / "a.zip", connections_csv(PEOPLE), messages=MESSAGES + '"never closed', Invitations=SIGNALS["Invitations"])

    source = read_export(path, import_settings)

    assert source.note == "messages.csv: no CSV that can be read, left out"
    assert not source.has_messages
    assert set(signals_of(source)) == {"robin-weaver", "ann-lee"}


def test_messages_whose_text_spans_lines_are_one_message_each(tmp_path: Path, import_settings: ImportSettings) -> None:
    header, row = list(csv.reader(io.StringIO(MESSAGES)))
    rows = [[*row, f'line\r\n"{number}",\n\nAlex Morgan,{URL}alex,x'] for number in range(3)]
    path = make_export(tmp_path / "a.zip", connections_csv([connection()]), messages=csv_text([[*header, "CONTENT"], *rows]))

    source = read_export(path, import_settings)

    assert source.activity is not None
    assert list(source.activity["sent"]) == [3.0]


@pytest.mark.parametrize("name", [*SIGNALS, "messages"])
def test_another_file_of_an_export_dropped_alone_says_what_to_do(tmp_path: Path, import_settings: ImportSettings, name: str) -> None:
    path = tmp_path / f"{name}.csv"
    text = "CONVERSATION ID,FROM,SENDER PROFILE URL\n1,Alex,x\n" if name == "messages" else SIGNALS[name]
    path.write_text(text)

    with pytest.raises(UnreadableFile, match=rf"^this is .*{name}\.csv.* of a LinkedIn export, .* drop in the whole ZIP$"):
        read_export(path, import_settings)


def test_members_that_are_none_of_ours_are_not_read(tmp_path: Path, import_settings: ImportSettings) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("Connections.csv", connections_csv([connection()]))
        archive.writestr("SearchQueries.csv", "Time,Search Query\n")
    break_content(tmp_path / "a.zip", b"SearchQueries.csv")

    assert len(read_export(tmp_path / "a.zip", import_settings).parts[0].cells) == 1


def with_members(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def test_media_and_tables_that_are_never_read_may_be_of_any_size(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = make_export(tmp_path / "a.zip", connections_csv([connection()]))
    with_members(path, Media__mp4=b"0" * 8_000_000, Ad_Targeting__csv=b"0" * 8_000_000)

    assert len(read_export(path, import_settings).parts[0].numbers) == 1


@pytest.mark.parametrize("name", ["messages__csv", "Connections_2__csv"])
def test_a_member_that_is_read_must_not_be_a_bomb(tmp_path: Path, import_settings: ImportSettings, name: str) -> None:
    path = with_members(make_export(tmp_path / "a.zip", connections_csv([connection()])), **{name: b"0" * 8_000_000})

    with pytest.raises(UnreadableFile, match=r"what is read of the ZIP archive unpacks to 7 MiB, \d+ times its size"):
        read_export(path, import_settings)


def test_a_member_of_another_name_that_holds_connections_must_not_be_a_bomb(tmp_path: Path, import_settings: ImportSettings) -> None:
    bomb = connections_csv([connection()]).encode() + b"\n" * 8_000_000
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Kontakte.csv", bomb)

    with pytest.raises(UnreadableFile, match="unpacks to 7 MiB"):
        read_export(tmp_path / "a.zip", import_settings)
