"""Connections to databases of tests."""

from pathlib import Path

from liendea_assets.db.connection import Database, open_database


def twin(db: Database) -> Database:
    """Another connection to the same file, durable; close it in the end."""
    (path,) = [row["file"] for row in db.conn.execute("PRAGMA database_list") if row["name"] == "main"]
    return open_database(Path(path), durable=True)
