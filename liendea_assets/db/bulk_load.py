"""Loading many rows at once into a table that has few."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from liendea_assets.db.connection import Database, transaction

READ_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL"


@contextmanager
def bulk_transaction(db: Database, *tables: str, held: int, coming: int) -> Iterator[sqlite3.Connection]:
    """A transaction that adds many rows: what they point to is looked up in the end, in half the time that it takes row by row.

    Where more rows are there than come it is a plain transaction.

    Args:
        tables: that are looked at in the end: those that get rows, where none is deleted that others point to. All where none is named.
        held: how many rows they have. coming: how many they get.

    Raises:
        sqlite3.IntegrityError: a row points to nothing; everything is rolled back.
    """
    if coming <= held:
        with transaction(db) as connection:
            yield connection
        return
    # within a transaction this pragma does nothing
    db.conn.execute("PRAGMA foreign_keys=OFF")
    try:
        with transaction(db) as connection:
            yield connection
            checks = [f'PRAGMA foreign_key_check("{table}")' for table in tables] or ["PRAGMA foreign_key_check"]
            for check in checks:
                if (broken := connection.execute(check).fetchone()) is not None:
                    raise sqlite3.IntegrityError(f"FOREIGN KEY constraint failed: {broken['table']} points to no {broken['parent']}")
    finally:
        db.conn.execute("PRAGMA foreign_keys=ON")


@contextmanager
def without_indexes(connection: sqlite3.Connection, table: str, held: int, coming: int) -> Iterator[None]:
    """Within a transaction: a table gets its rows first, and then its indexes anew, sorted once; else each row looks for its places.

    Uniqueness is checked when the index is made, and what fails is rolled back with everything. Where more rows are there than come,
    the indexes stay: to make them anew would cost more.

    Args:
        held: how many rows the table has.
        coming: how many it gets.
    """
    indexes = connection.execute(READ_INDEXES, {"table": table}).fetchall() if coming > held else []
    for index in indexes:
        connection.execute('DROP INDEX "' + index["name"] + '"')
    yield
    for index in indexes:
        connection.execute(index["sql"])
