import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.inbox import MOST_PARTS, check_archive, check_workbook, kind_of, list_files, open_regular_file
from liendea_assets_tests.builders import connection, connections_csv, gtm_row, make_export, make_workbook
from liendea_assets_tests.imports.broken_archives import break_directory, claim_sizes, mark_encrypted

OLD_XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_files_are_listed_by_name_with_those_in_folders(tmp_path: Path) -> None:
    make_workbook(tmp_path / "b.xlsx", [gtm_row()])
    write(tmp_path / "alex" / "Connections.csv", connections_csv([connection()]).encode())

    files = list_files(tmp_path)

    assert [(file.name, file.kind) for file in files] == [("alex/Connections.csv", "text"), ("b.xlsx", "gtm_workbook")]
    assert [file.size_bytes for file in files] == [file.path.stat().st_size for file in files]
    assert len({file.sha256 for file in files}) == 2


def test_the_same_content_under_two_names_has_one_hash(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", b"x")
    write(tmp_path / "b.csv", b"x")

    assert len({file.sha256 for file in list_files(tmp_path)}) == 1


def test_links_hidden_files_hidden_folders_and_lock_files_are_ignored(tmp_path: Path) -> None:
    outside = make_workbook(tmp_path / "outside" / "secret.xlsx", [gtm_row()])
    inbox = tmp_path / "inbox"
    write(inbox / "seen.csv", b"x")
    write(inbox / ".hidden.csv", b"x")
    write(inbox / ".Trash-1000" / "files" / "old.csv", b"x")
    write(inbox / "~$open.xlsx", b"x")
    (inbox / "link.xlsx").symlink_to(outside)
    (inbox / "folder").symlink_to(outside.parent, target_is_directory=True)
    (inbox / "dangling.csv").symlink_to(tmp_path / "nowhere")
    os.mkfifo(inbox / "pipe.csv")

    assert [file.name for file in list_files(inbox)] == ["seen.csv"]


def test_an_inbox_below_a_hidden_folder_is_an_inbox(tmp_path: Path) -> None:
    write(tmp_path / ".liendea" / "inbox" / "seen.csv", b"x")

    assert [file.name for file in list_files(tmp_path / ".liendea" / "inbox")] == ["seen.csv"]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.xlsx", b"Name,Title\n", "gtm_workbook"),
        ("a.XLSX", b"", "gtm_workbook"),
        ("a.dat", OLD_XLS, "gtm_workbook"),
        ("a.zip", b"PK\x05\x06" + b"\0" * 18, "linkedin_export"),
        ("a.zip", b"no archive", "linkedin_export"),
        ("a.zip", b"PK\x03\x04 cut off", "linkedin_export"),
        ("a.CSV", b"", "text"),
        ("a.pdf", b"%PDF-1.7", "unknown"),
        ("README", b"hello", "unknown"),
    ],
)
def test_without_a_whole_archive_the_kind_is_told_by_magic_or_name(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    assert kind_of(write(tmp_path / name, content)) == kind


def test_a_whole_archive_is_told_apart_by_its_content(tmp_path: Path) -> None:
    workbook = make_workbook(tmp_path / "book.zip", [gtm_row()])
    export = make_export(tmp_path / "export.xlsx", connections_csv([connection()]))

    assert kind_of(workbook) == "gtm_workbook"
    assert kind_of(export) == "linkedin_export"


@pytest.mark.parametrize("name", ["a.zip", "a.xlsx", "a.bin"])
def test_an_archive_with_a_broken_directory_does_not_hide_the_other_files(tmp_path: Path, name: str) -> None:
    break_directory(make_zip(tmp_path / name, {"Connections.csv": b"x"}))
    write(tmp_path / "z.csv", b"x")

    assert [file.name for file in list_files(tmp_path)] == [name, "z.csv"]


def everything(member: str) -> bool:
    return True


def test_an_archive_of_an_ordinary_size_passes(tmp_path: Path) -> None:
    check_archive(make_export(tmp_path / "a.zip", connections_csv([connection()] * 100)), everything)
    check_archive(make_zip(tmp_path / "small.zip", {"zeros.csv": b"0" * 1_000_000}), everything)


def test_an_archive_that_unpacks_to_far_more_than_its_size_is_refused(tmp_path: Path) -> None:
    bomb = make_zip(tmp_path / "bomb.zip", {"Connections.csv": b"0" * 8_000_000})

    with pytest.raises(UnreadableFile, match=r"unpacks to 7 MiB, \d{3,} times its size; allowed are 200 MiB and 200 times"):
        check_archive(bomb, everything)


def test_an_archive_that_unpacks_to_far_more_than_any_export_is_refused(tmp_path: Path) -> None:
    large = claim_sizes(make_zip(tmp_path / "a.zip", {"a.csv": b"x"}), 100 * 2**20, 300 * 2**20)

    with pytest.raises(UnreadableFile, match="unpacks to 300 MiB, 3 times its size"):
        check_archive(large, everything)


def test_what_is_never_read_of_an_archive_does_not_count(tmp_path: Path) -> None:
    video = make_zip(tmp_path / "a.zip", {"Rich Media/video.mp4": b"0" * 8_000_000, "Connections.csv": b"x"})

    check_archive(video, lambda member: member.endswith(".csv"))
    with pytest.raises(UnreadableFile, match="unpacks to 7 MiB"):
        check_archive(video, everything)


def test_pictures_in_a_workbook_do_not_count(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row()])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"0" * 8_000_000)
    check_workbook(path)

    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"0" * 8_000_000)
    with pytest.raises(UnreadableFile, match="unpacks to 7 MiB"):
        check_workbook(path)


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="holds 2001 files; allowed are 2000"):
        check_archive(make_zip(tmp_path / "a.zip", {f"{number}.csv": b"" for number in range(MOST_PARTS + 1)}), everything)


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="protected by a password; save it without one"):
        check_archive(mark_encrypted(make_export(tmp_path / "a.zip", connections_csv([connection()]))), everything)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    whole = make_zip(tmp_path / "a.zip", {"a.csv": b"x" * 500})
    cut_off = write(tmp_path / "cut.zip", whole.read_bytes()[:-30])
    for path in (cut_off, break_directory(whole)):
        with pytest.raises(UnreadableFile, match=r"the ZIP archive is damaged or cut off \(BadZipFile\)"):
            check_archive(path, everything)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (OLD_XLS, "an old .xls workbook or one protected by a password; save it as .xlsx without a password"),
        (b"Name,Title\n", "not an XLSX workbook, whatever its name says"),
        (b"PK\x03\x04 cut off", "the ZIP archive is damaged or cut off"),
    ],
)
def test_what_cannot_be_a_workbook_is_told_for_what_it_is(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        check_workbook(write(tmp_path / "a.xlsx", content))
    assert str(caught.value).startswith(reason)


def test_a_regular_file_is_opened(tmp_path: Path) -> None:
    with open_regular_file(write(tmp_path / "a.csv", b"x")) as file:
        assert file.read() == b"x"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.symlink_to(path.with_name("whole.csv")), "a link or a socket"),
        (lambda path: path.symlink_to("nowhere"), "a link or a socket"),
        (make_socket, "a link or a socket"),
        (os.mkfifo, "no regular file"),
        (lambda path: path.mkdir(), "no regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "a link or a socket"),
    ],
    ids=["link", "dangling link", "socket", "pipe", "folder", "link to a device"],
)
def test_what_is_no_file_itself_is_refused_without_waiting(tmp_path: Path, make: Callable[[Path], object], reason: str) -> None:
    """Nobody writes to the pipe: opening it as one opens a file would never end."""
    write(tmp_path / "whole.csv", b"x")
    make(tmp_path / "a.csv")
    before = open_descriptors()

    with pytest.raises(UnreadableFile, match=reason):
        open_regular_file(tmp_path / "a.csv")
    assert open_descriptors() == before


def test_a_device_is_no_file() -> None:
    with pytest.raises(UnreadableFile, match="no regular file"):
        open_regular_file(Path("/dev/zero"))


def test_a_file_that_is_gone_is_told_as_the_system_tells_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_regular_file(tmp_path / "gone.csv")
