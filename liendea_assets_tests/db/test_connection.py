import sqlite3
import threading
from pathlib import Path

import pandas as pd
import pytest

from liendea_assets.core.errors import TransientError
from liendea_assets.db.connection import (
    Database,
    brief_transaction,
    exclusive,
    lock_path,
    open_database,
    read_frame,
    to_records,
    to_rows,
    transaction,
)
from liendea_assets_tests.processes import run_at_once


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    """A database file with one row that counts."""
    path = tmp_path / "counter.db"
    db = open_database(path)
    with transaction(db) as connection:
        connection.execute("CREATE TABLE counts (id INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT")
        connection.execute("INSERT INTO counts VALUES (1, 0)")
    db.conn.close()
    return path


def value(db: Database) -> int:
    return int(db.conn.execute("SELECT value FROM counts").fetchone()[0])


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [
        ("journal_mode", "wal"),
        ("foreign_keys", 1),
        ("busy_timeout", 10_000),
        ("secure_delete", 1),
        ("trusted_schema", 0),
        ("synchronous", 1),
    ],
)
def test_every_connection_has_the_projects_pragmas(counter: Path, pragma: str, expected: object) -> None:
    db = open_database(counter)
    assert db.conn.execute(f"PRAGMA {pragma}").fetchone()[0] == expected
    db.conn.close()


def test_a_durable_connection_waits_for_the_disk(counter: Path) -> None:
    db = open_database(counter, durable=True)
    assert db.conn.execute("PRAGMA synchronous").fetchone()[0] == 2
    db.conn.close()


def test_only_its_owner_can_read_a_new_database_and_its_log(tmp_path: Path) -> None:
    db = open_database(tmp_path / "deep" / "new.db")
    db.conn.execute("CREATE TABLE anything (id INTEGER)")
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "deep").glob("new.db*")} == {
        "new.db": 0o600,
        "new.db-wal": 0o600,
        "new.db-shm": 0o600,
    }
    db.conn.close()


def test_a_transaction_is_kept_when_nothing_is_raised(counter: Path) -> None:
    db = open_database(counter)
    with transaction(db) as connection:
        connection.execute("UPDATE counts SET value = 7")
    db.conn.close()

    db = open_database(counter)
    assert value(db) == 7
    db.conn.close()


def update_and_raise(db: Database, stop: type[BaseException]) -> None:
    with transaction(db) as connection:
        connection.execute("UPDATE counts SET value = 7")
        raise stop


@pytest.mark.parametrize("stop", [ValueError, sqlite3.IntegrityError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_transaction_leaves_nothing_behind_when_something_is_raised(counter: Path, stop: type[BaseException]) -> None:
    db = open_database(counter)
    with pytest.raises(stop):
        update_and_raise(db, stop)

    assert not db.conn.in_transaction
    assert value(db) == 0
    db.conn.close()


def test_a_commit_that_fails_leaves_the_connection_usable(counter: Path) -> None:
    db = open_database(counter)
    db.conn.execute("CREATE TABLE parts (whole INTEGER REFERENCES counts (id) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(sqlite3.IntegrityError), transaction(db) as connection:
        connection.execute("INSERT INTO parts VALUES (99)")

    with transaction(db) as connection:
        connection.execute("UPDATE counts SET value = 1")
    assert value(db) == 1
    db.conn.close()


def test_a_transaction_within_a_transaction_is_refused(counter: Path) -> None:
    db = open_database(counter)
    with pytest.raises(sqlite3.OperationalError, match="within a transaction"), transaction(db), transaction(db):
        pass
    db.conn.close()


def _read_then_update(position: int, path: Path, times: int) -> None:
    db = open_database(path)
    for _ in range(times):
        with transaction(db) as connection:
            read = connection.execute("SELECT value FROM counts").fetchone()[0]
            connection.execute("UPDATE counts SET value = ?", (read + 1,))
    db.conn.close()


def test_processes_that_read_and_then_update_lose_nothing_and_are_never_told_that_the_database_is_locked(counter: Path) -> None:
    run_at_once(4, _read_then_update, counter, 150)

    db = open_database(counter)
    assert value(db) == 600
    db.conn.close()


def _open_new_ones(position: int, folder: Path) -> None:
    for number in range(60):
        open_database(folder / f"{number}.db").conn.close()


def test_processes_that_make_a_database_together_are_never_told_that_it_is_locked(tmp_path: Path) -> None:
    run_at_once(4, _open_new_ones, tmp_path)

    assert len(list(tmp_path.glob("*.db"))) == 60


def _count_in_a_file(position: int, database: Path, number: Path, times: int) -> None:
    db = open_database(database)
    for _ in range(times):
        with exclusive(db, "counting"):
            number.write_text(str(int(number.read_text()) + 1))
    db.conn.close()


def test_exclusive_work_is_done_by_one_process_at_a_time(counter: Path, tmp_path: Path) -> None:
    number = tmp_path / "number"
    number.write_text("0")

    run_at_once(3, _count_in_a_file, counter, number, 100)

    assert number.read_text() == "300"


def _find_it_busy(position: int, path: Path) -> None:
    db = open_database(path)
    with exclusive(db, "other work", wait_s=0):
        pass
    with transaction(db) as connection:
        connection.execute("UPDATE counts SET value = value + 1")
    with pytest.raises(TransientError, match="another process is busy with people"), exclusive(db, "people", wait_s=0):
        pass
    db.conn.close()


def test_exclusive_work_holds_up_the_same_work_only(counter: Path) -> None:
    db = open_database(counter)
    with exclusive(db, "people"):
        run_at_once(1, _find_it_busy, counter)
    with exclusive(db, "people", wait_s=0):
        assert value(db) == 1
    db.conn.close()


def test_exclusive_work_is_free_again_after_an_error(counter: Path) -> None:
    db = open_database(counter)
    with pytest.raises(KeyboardInterrupt), exclusive(db, "people"):
        raise KeyboardInterrupt
    with exclusive(db, "people", wait_s=0):
        pass
    assert lock_path(counter, "people").parent == counter.parent / "locks"
    db.conn.close()


def test_a_frame_keeps_text_whole_numbers_and_gaps(counter: Path) -> None:
    db = open_database(counter)
    frame = read_frame(
        db,
        """
        SELECT 1 AS number, 1.5 AS share, 'Zoë' AS name, NULL AS unknown, :given AS given
        UNION ALL
        SELECT NULL, NULL, NULL, NULL, NULL
        ORDER BY number DESC
        """,
        {"given": "x"},
    )
    db.conn.close()

    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "number": "Int64",
        "share": "Float64",
        "name": "str",
        "unknown": "str",
        "given": "str",
    }
    assert list(to_rows(frame, ("number", "share", "name", "unknown"))) == [(1, 1.5, "Zoë", None), (None, None, None, None)]
    assert to_records(frame[["name", "number"]]) == [{"name": "Zoë", "number": 1}, {"name": None, "number": None}]


def test_a_frame_without_rows_has_its_columns(counter: Path) -> None:
    db = open_database(counter)
    frame = read_frame(db, "SELECT id, value FROM counts WHERE id = 0")
    db.conn.close()

    assert list(frame.columns) == ["id", "value"]
    assert list(to_rows(frame, ("id", "value"))) == []


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
def test_every_kind_of_missing_becomes_null(missing: object) -> None:
    assert list(to_rows(pd.DataFrame({"a": [missing, "x"]}, dtype=object), ("a",))) == [(None,), ("x",)]


class TestABriefTransaction:
    def test_leaves_the_connection_as_durable_as_it_was(self, tmp_path: Path) -> None:
        db = open_database(tmp_path / "a.db", durable=True)
        before = [db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "busy_timeout")]
        for durable in (True, False):
            with brief_transaction(db, durable=durable) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS notes (text TEXT)")
                connection.execute("INSERT INTO notes VALUES ('kept')")
        after = [db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "busy_timeout")]
        kept = db.conn.execute("SELECT count(*) FROM notes").fetchone()[0]
        db.conn.close()
        assert (kept, after) == (2, before)

    def test_is_taken_back_when_anything_is_raised(self, tmp_path: Path) -> None:
        db = open_database(tmp_path / "a.db")
        db.conn.execute("CREATE TABLE notes (text TEXT NOT NULL)")
        with pytest.raises(sqlite3.IntegrityError), brief_transaction(db) as connection:
            connection.executemany("INSERT INTO notes VALUES (?)", [("lost",), (None,)])
        assert db.conn.execute("SELECT count(*) FROM notes").fetchone()[0] == 0
        assert not db.conn.in_transaction
        db.conn.close()

    def test_waits_for_another_one(self, tmp_path: Path) -> None:
        first, second = open_database(tmp_path / "a.db"), open_database(tmp_path / "a.db")
        first.conn.execute("CREATE TABLE notes (text TEXT)")
        first.conn.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.2, first.conn.commit)
        timer.start()
        with brief_transaction(second) as connection:
            connection.execute("INSERT INTO notes VALUES ('kept')")
        timer.join()
        assert first.conn.execute("SELECT count(*) FROM notes").fetchone()[0] == 1
        first.conn.close()
        second.conn.close()
