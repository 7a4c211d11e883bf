"""The one way to open the database, the one way to write to it, and how frames get in and out."""

import os
import random
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from sqlite_utils import Database

from liendea_assets.core.errors import TransientError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Database",
    "brief_transaction",
    "durable_transaction",
    "exclusive",
    "is_busy_with",
    "is_locked",
    "lock_path",
    "make_durable",
    "open_database",
    "read_frame",
    "read_integers",
    "to_records",
    "to_rows",
    "transaction",
]

# How long a writer waits for another one. BEGIN IMMEDIATE makes the wait happen here, and never in the middle of a transaction,
# where SQLite answers "database is locked" at once.
BUSY_TIMEOUT_MS = 10_000
CACHE_KIB = 262_144
# rows that show whether a column repeats itself
SHOWN_BY = 1_000
# What `PRAGMA synchronous` says of a durable connection.
FULL = 2
# Between two tries of a brief transaction.
BRIEF_WAIT_S = (0.000_3, 0.005)

# Python looks for an adapter of each None that is bound, and where there is none it builds an error that nobody sees: three times the
# cost of binding a text. This one answers None, and is no Python function.
_AS_IT_IS: dict[None, None] = {None: None}
sqlite3.register_adapter(type(None), _AS_IT_IS.get)


def open_database(path: Path, *, durable: bool = False) -> Database:
    """Opens a database file (mode 600) with the project's pragmas; creates it when it does not exist.

    Args:
        path: the file; its folder is created when missing.
        durable: True where a committed row must survive a power cut, because something irreversible follows it (a call, a send).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000, check_same_thread=False)
    if is_new and os.name == "posix":
        path.chmod(0o600)
    connection.row_factory = sqlite3.Row
    _set_wal(connection, path)
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
        f"cache_size=-{CACHE_KIB}",
        f"synchronous={'FULL' if durable else 'NORMAL'}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return Database(connection)


def make_durable(db: Database) -> None:
    """From now on what this connection commits survives a power cut."""
    db.conn.execute("PRAGMA synchronous=FULL")


@contextmanager
def transaction(db: Database) -> Iterator[sqlite3.Connection]:
    """One unit of work: `BEGIN IMMEDIATE`, then COMMIT, or ROLLBACK when anything is raised.

    sqlite-utils' own `atomic()` begins a deferred transaction; between reading and writing another process may write, and SQLite
    then answers "database is locked" without waiting (measured: 911 to 4,718 such errors in 1,200 read-then-update transactions).
    """
    connection = db.conn
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        # a commit can fail too: on a deferred constraint, or on a full disk
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def durable_transaction(db: Database) -> Iterator[sqlite3.Connection]:
    """A `transaction` that survives a power cut, with all that this connection committed before, and leaves the connection as it was."""
    connection = db.conn
    former = connection.execute("PRAGMA synchronous").fetchone()[0]
    connection.execute("PRAGMA synchronous=FULL")
    try:
        with transaction(db):
            yield connection
    finally:
        connection.execute(f"PRAGMA synchronous={former:d}")


@contextmanager
def brief_transaction(db: Database, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
    """A `transaction` of a millisecond that several processes want all the time.

    SQLite's own waiting goes up to 100 ms a step: with four processes the last one stood in the queue for two seconds.

    Args:
        durable: False where losing it to a power cut would do no harm; a connection that is not opened durable is never durable.

    Raises:
        sqlite3.OperationalError: the database was locked all of the time that a transaction waits.
    """
    connection = db.conn
    is_full = connection.execute("PRAGMA synchronous").fetchone()[0] == FULL
    changes = connection.total_changes
    if is_full:
        connection.execute("PRAGMA synchronous=NORMAL")
    try:
        _begin_soon(connection)
        try:
            yield connection
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
    finally:
        if is_full:
            connection.execute("PRAGMA synchronous=FULL")
    if durable and is_full and connection.total_changes > changes:
        _sync_log(connection)


def is_locked(problem: BaseException) -> bool:
    """Whether another process wrote for all of the time that a transaction waits: it passes by itself."""
    return isinstance(problem, sqlite3.OperationalError) and problem.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _sync_log(connection: sqlite3.Connection) -> None:
    """Waits until the disk has what was committed, as SQLite's FULL does, but without keeping the others waiting meanwhile.

    A row that is lost with the power is lost to all who have seen it. What a checkpoint has taken out of the log is on the disk already.
    """
    log = os.open(connection.execute("PRAGMA database_list").fetchone()["file"] + "-wal", os.O_RDWR)
    try:
        os.fsync(log)
    finally:
        os.close(log)


def _begin_soon(connection: sqlite3.Connection) -> None:
    give_up_at = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not is_locked(error) or time.monotonic() > give_up_at:
                    raise
            time.sleep(random.uniform(*BRIEF_WAIT_S))  # noqa: S311 no secret
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


@contextmanager
def exclusive(db: Database, work: str, *, wait_s: float = 600.0) -> Iterator[None]:
    """Keeps other processes out of work that reads, computes and then writes; readers and other writers are not held up.

    Raises:
        TransientError: another process did the same work for all of the waiting time.
    """
    lock = FileLock(lock_path(Path(db.conn.execute("PRAGMA database_list").fetchone()["file"]), work))
    try:
        lock.acquire(timeout=wait_s)
    except Timeout:
        raise TransientError(f"another process is busy with {work}") from None
    try:
        yield
    finally:
        lock.release()


def is_busy_with(db: Database, work: str) -> bool:
    """Whether somebody does work that is `exclusive`; who begins it in this very moment has to wait for a moment."""
    try:
        with exclusive(db, work, wait_s=0):
            return False
    except TransientError:
        return True


def lock_path(database: Path, work: str) -> Path:
    """The lock file for a kind of work on a database, in `locks/` beside it."""
    folder = database.parent / "locks"
    folder.mkdir(exist_ok=True)
    return folder / f"{database.name}.{work}.lock"


def _set_wal(connection: sqlite3.Connection, path: Path) -> None:
    """One process at a time: SQLite does not wait where two switch a new file over, the second one is told "database is locked"."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        with FileLock(lock_path(path, "wal")):
            connection.execute("PRAGMA journal_mode=WAL")


def read_frame(db: Database, sql: str, parameters: Mapping[str, object] | None = None) -> "pd.DataFrame":
    """The rows of a query. Text columns hold `str` or NaN; a column of whole numbers with gaps is `Int64`, of numbers `Float64`."""
    import pandas as pd

    cursor = db.conn.cursor()
    # plain tuples: columns are taken by their place
    cursor.row_factory = None
    cursor.execute(sql, dict(parameters or {}))
    names = [column[0] for column in cursor.description]
    columns = list(zip(*cursor, strict=True)) or [()] * len(names)
    return pd.DataFrame({name: pd.Series(values, dtype=_dtype(values)) for name, values in zip(names, columns, strict=True)})


def read_integers(db: Database, sql: str, columns: Sequence[str], parameters: Mapping[str, object] | None = None) -> "pd.DataFrame":
    """The rows of a query whose columns are all whole numbers, none of them NULL, as int64.

    SQLite joins each column to one text, which numpy reads: a million rows of three columns take 0.3 s, by way of Python's tuples 1.5.
    """
    import numpy as np
    import pandas as pd

    joined = ", ".join(f"group_concat({name})" for name in columns)
    texts = db.conn.execute(f"SELECT {joined} FROM ({sql})", dict(parameters or {})).fetchone()
    return pd.DataFrame({name: np.fromstring(text or "", dtype=np.int64, sep=",") for name, text in zip(columns, texts, strict=True)})


def to_rows(frame: "pd.DataFrame", columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a frame for `executemany`, once: plain Python values, NULL for every kind of missing.

    One after the other, so that Python fills one and the same tuple: a million tuples cost a second to make and another to clear away.
    """
    lists = [_values(frame[name]) for name in columns]
    return zip(*lists, strict=True)


def to_records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """The rows of a frame as mappings, for work on one thing at a time; None for every kind of missing."""
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in to_rows(frame, names)]


def _values(column: "pd.Series") -> list[Any]:
    import numpy as np
    import pandas as pd

    if isinstance(column.dtype, pd.StringDtype) and _repeats_itself(column):
        # each distinct text becomes one object instead of one a row
        codes, texts = pd.factorize(column)
        # the last one is what -1, missing, points to
        shared: list[Any] = np.array([*texts, None], dtype=object)[codes].tolist()
        return shared
    if isinstance(column.dtype, pd.StringDtype | pd.Int64Dtype):
        # once for all values; by way of objects it takes twice as long
        values: list[Any] = column.array.to_numpy(dtype=object, na_value=None).tolist()
        return values
    if not column.isna().any():
        # a tenth of the time
        return column.tolist()
    plain = column.astype(object)
    return plain.where(plain.notna(), None).tolist()


def _repeats_itself(column: "pd.Series") -> bool:
    """Whether a long column has few distinct texts, as its first rows show."""
    return len(column) > 10 * SHOWN_BY and column.iloc[:SHOWN_BY].nunique() < SHOWN_BY // 10


def _dtype(values: Sequence[object]) -> Any:
    kinds = {type(value) for value in values if value is not None}
    if not kinds or kinds == {str}:
        return "str"
    if kinds == {int}:
        return "Int64"
    return "Float64" if kinds <= {int, float} else object
