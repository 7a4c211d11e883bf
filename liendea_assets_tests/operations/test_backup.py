import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest

from liendea_assets.core.errors import PermanentError
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import is_current, open_migrated
from liendea_assets.operations.backup import back_up
from liendea_assets.operations.store import count_rows
from liendea_assets_tests.contacts import add_contact, add_target

DAY = date(2026, 10, 5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_backup_is_a_database_with_the_same_rows(db: Database, folder: Path) -> None:
    for contact_id in range(1, 20):
        add_target(db, contact_id)
    report = back_up(db, folder, DAY, 30)
    assert (report.is_new, report.deleted, report.path.name) == (True, 0, "liendea-2026-10-05.db")
    copy = open_migrated(report.path)
    assert is_current(copy)
    assert count_rows(copy.conn) == count_rows(db.conn)
    assert report.rows == sum(count_rows(db.conn).values())
    assert list(copy.table("icp_targets").rows) == list(db.table("icp_targets").rows)
    copy.conn.close()


def test_backup_holds_what_is_not_yet_in_the_main_file(db: Database, folder: Path, tmp_path: Path) -> None:
    """What was written last stands in the -wal file beside the database."""
    add_contact(db, 1)
    assert (tmp_path / "test.db-wal").stat().st_size > 0
    back_up(db, folder, DAY, 30)
    copy = sqlite3.connect(folder / "liendea-2026-10-05.db")
    assert copy.execute("SELECT count(*) FROM contacts").fetchone() == (1,)
    copy.close()


def test_backup_is_one_file_that_its_owner_alone_can_read(db: Database, folder: Path) -> None:
    back_up(db, folder, DAY, 30)
    assert names(folder) == ["liendea-2026-10-05.db"]
    assert (folder / "liendea-2026-10-05.db").stat().st_mode & 0o777 == 0o600


def test_second_backup_of_a_day_is_none(db: Database, folder: Path) -> None:
    first = back_up(db, folder, DAY, 30)
    content = first.path.read_bytes()
    add_contact(db, 1)
    second = back_up(db, folder, DAY, 30)
    assert (second.is_new, second.rows, second.path) == (False, first.rows, first.path)
    assert first.path.read_bytes() == content
    assert back_up(db, folder, DAY + timedelta(days=1), 30).is_new


def test_what_a_kill_left_behind_is_replaced(db: Database, folder: Path) -> None:
    folder.mkdir()
    (folder / "liendea-2026-10-05.part").write_bytes(b"half a backup")
    assert back_up(db, folder, DAY, 30).is_new
    assert names(folder) == ["liendea-2026-10-05.db"]


def test_only_backups_older_than_the_retention_are_deleted(db: Database, folder: Path) -> None:
    folder.mkdir()
    kept = [
        "liendea-2026-09-05.db",
        "liendea-2026-10-04.db",
        "notes.txt",
        "liendea-2020-01-01.db.bak",
        "liendea-2020.db",
        "other-2020-01-01.db",
    ]
    for name in [*kept, "liendea-2026-09-04.db", "liendea-2020-01-01.db"]:
        (folder / name).write_bytes(b"old")
    assert back_up(db, folder, DAY, 30).deleted == 2
    assert names(folder) == sorted([*kept, "liendea-2026-10-05.db"])


def damage(path: Path, how: str) -> None:
    if how == "a row against its table":
        copy = sqlite3.connect(path)
        copy.execute("PRAGMA writable_schema = ON")
        copy.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'country TEXT', 'country TEXT NOT NULL') WHERE name = 'enriched_contacts'"
        )
        copy.commit()
        copy.close()
        return
    content = bytearray(path.read_bytes())
    if how == "no database":
        content = bytearray(b"x" * 5_000)
    elif how == "empty":
        content = bytearray()
    elif how == "cut off":
        del content[len(content) // 2 :]
    else:
        content[4_096 + 8 : 40_000] = b"\xff" * (40_000 - 4_104)
    path.write_bytes(content)


@pytest.mark.parametrize("how", ["no database", "empty", "cut off", "overwritten", "a row against its table"])
def test_damaged_backup_is_told_and_no_older_one_is_deleted(db: Database, folder: Path, how: str) -> None:
    for contact_id in range(1, 200):
        add_contact(db, contact_id)
    report = back_up(db, folder, DAY, 30)
    (folder / "liendea-2020-01-01.db").write_bytes(b"old")
    damage(report.path, how)
    with pytest.raises(PermanentError, match=r"the backup liendea-2026-10-05\.db"):
        back_up(db, folder, DAY, 30)
    assert "liendea-2020-01-01.db" in names(folder)
    report.path.unlink(missing_ok=True)
    assert back_up(db, folder, DAY, 30).is_new


@pytest.mark.parametrize("name", ["with blank", "50 %", "C#", "what?", "zoë"])
def test_folder_may_have_any_name(db: Database, tmp_path: Path, name: str) -> None:
    report = back_up(db, tmp_path / name, DAY, 30)
    assert report.rows == sum(count_rows(db.conn).values())
    assert back_up(db, tmp_path / name, DAY, 30).rows == report.rows
