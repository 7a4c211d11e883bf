"""Loading many rows at once into a table that has few."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

READ_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL"


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
