import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import liendea_assets
from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.archive import Archive, archive_beside, keep_original
from liendea_assets.imports.inbox import InboxFile, inspect_file
from liendea_assets_tests.builders import csv_text

NOW = "2026-10-05 09:00:00.000000"
# large enough that a copy takes longer than it takes to be noticed
LARGE = 200 * 2**20
KEEP = "import sys; from pathlib import Path; from liendea_assets.imports.archive import keep_original; keep_original(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def archive(inbox: Path) -> Archive:
    return archive_beside(inbox)


def drop(inbox: Path, name: str = "a.csv", content: str = csv_text([["Name"], ["Robin"]])) -> InboxFile:
    path = inbox / name
    path.write_text(content)
    file = inspect_file(path, inbox)
    assert file is not None
    return file


def files_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_an_original_is_kept_under_its_hash_and_nobody_else_may_read_it(inbox: Path, archive: Archive) -> None:
    file = drop(inbox)

    kept = archive.keep(file)

    assert kept == archive.originals / file.sha256[:2] / f"{file.sha256}.csv"
    assert kept.read_bytes() == file.path.read_bytes()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (archive.originals, kept.parent, kept)] == [0o700, 0o700, 0o600]


def test_the_same_content_under_another_name_is_kept_once(inbox: Path, archive: Archive) -> None:
    first = archive.keep(drop(inbox))
    before = first.stat()

    second = archive.keep(drop(inbox, "copy.CSV"))

    assert second == first
    assert (second.stat().st_ino, second.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(files_below(archive.originals)) == 1


@pytest.mark.parametrize("damaged", [b"", b"something else"])
def test_a_copy_that_a_disk_has_damaged_is_made_anew(inbox: Path, archive: Archive, damaged: bytes) -> None:
    file = drop(inbox)
    archive.keep(file).write_bytes(damaged)

    assert archive.keep(file).read_bytes() == file.path.read_bytes()
    assert len(files_below(archive.originals)) == 1


def test_a_link_in_the_place_of_a_copy_is_not_followed(inbox: Path, archive: Archive, tmp_path: Path) -> None:
    file = drop(inbox)
    kept = archive.keep(file)
    (tmp_path / "elsewhere.csv").write_bytes(file.path.read_bytes())
    kept.unlink()
    kept.symlink_to(tmp_path / "elsewhere.csv")

    assert not archive.keep(file).is_symlink()


def test_what_is_kept_is_what_was_hashed(inbox: Path, archive: Archive) -> None:
    file = drop(inbox)
    file.path.write_text("something else")

    with pytest.raises(UnreadableFile, match="changed while it was read"):
        archive.keep(file)
    assert files_below(archive.originals) == []


def test_a_kill_in_the_middle_of_a_copy_leaves_none_and_the_next_one_is_whole(tmp_path: Path) -> None:
    source, originals = tmp_path / "large.csv", tmp_path / "archive"
    with source.open("wb") as file:
        file.truncate(LARGE)
    with source.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    place = originals / sha256[:2]
    environment = os.environ | {"PYTHONPATH": str(Path(liendea_assets.__file__).parents[1])}
    process = subprocess.Popen([sys.executable, "-c", KEEP, str(source), sha256, str(originals)], env=environment)
    until = time.monotonic() + 30
    while process.poll() is None and not list(place.glob(".copying-*")) and time.monotonic() < until:
        pass
    process.send_signal(signal.SIGKILL)

    assert process.wait() == -signal.SIGKILL, "it was too fast to be killed"
    assert [path.name for path in place.iterdir() if not path.name.startswith(".copying-")] == []
    kept = keep_original(source, sha256, originals)
    assert kept.stat().st_size == LARGE


def test_what_cannot_be_read_lies_apart_with_its_reason_until_it_can(inbox: Path, archive: Archive) -> None:
    file = drop(inbox, "odd.file name!", "nothing")
    archive.keep(file)

    archive.set_apart(file, "no table of people", NOW)
    archive.set_apart(file, "no table of people at all", NOW)

    assert files_below(archive.quarantine) == [file.sha256, f"{file.sha256}.txt"]
    assert (archive.quarantine / f"{file.sha256}.txt").read_text() == (
        f"file: 'odd.file name!'\nread: {NOW}\nreason: no table of people at all\n"
    )
    archive.release(file)
    assert files_below(archive.quarantine) == []


def test_a_reason_is_worth_having_without_a_copy(inbox: Path, archive: Archive) -> None:
    file = drop(inbox)

    archive.set_apart(file, "cannot be opened", NOW)

    assert files_below(archive.quarantine) == [f"{file.sha256}.txt"]
