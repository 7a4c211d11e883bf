"""The SQL of the operations stage."""

import sqlite3

LIST_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"


def count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    """Table → rows."""
    names = [row[0] for row in connection.execute(LIST_TABLES)]
    # table names cannot be parameters; these come from the schema itself
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
