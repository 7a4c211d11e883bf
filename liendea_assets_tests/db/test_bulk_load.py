"""A table that is loaded without its indexes has all of them afterwards, or is as it was."""

import sqlite3
from pathlib import Path

import pytest

from liendea_assets.db.bulk_load import bulk_transaction, without_indexes
from liendea_assets.db.connection import Database, open_database, transaction


@pytest.fixture
def people(tmp_path: Path) -> Database:
    db = open_database(tmp_path / "people.db")
    db.conn.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, slug TEXT, town TEXT)")
    db.conn.execute("CREATE UNIQUE INDEX idx_people_slug ON people (slug) WHERE slug IS NOT NULL")
    db.conn.execute("CREATE INDEX idx_people_town ON people (town)")
    return db


def indexes(db: Database) -> list[str]:
    return [row["sql"] for row in db.conn.execute("SELECT sql FROM sqlite_master WHERE type = 'index' ORDER BY name")]


def load(db: Database, slugs: list[str | None], held: int) -> list[str]:
    """Adds people; the indexes that were there meanwhile."""
    with transaction(db) as connection, without_indexes(connection, "people", held=held, coming=len(slugs)):
        connection.executemany("INSERT INTO people (slug) VALUES (?)", [(slug,) for slug in slugs])
        return indexes(db)


def test_many_rows_come_into_a_table_without_indexes_which_has_them_again_afterwards(people: Database) -> None:
    before = indexes(people)

    assert load(people, ["robin", None, None], held=0) == []
    assert indexes(people) == before
    assert people.conn.execute("SELECT count(*) FROM people WHERE slug = 'robin'").fetchone()[0] == 1
    assert people.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_few_rows_are_added_to_the_indexes_that_are_there(people: Database) -> None:
    before = indexes(people)

    assert load(people, ["robin"], held=1) == before


def test_what_is_not_unique_leaves_the_table_as_it_was(people: Database) -> None:
    before = indexes(people)
    load(people, ["robin"], held=0)

    with pytest.raises(sqlite3.IntegrityError):
        load(people, ["kim", "robin"], held=1)

    assert [row["slug"] for row in people.conn.execute("SELECT slug FROM people")] == ["robin"]
    assert indexes(people) == before


@pytest.fixture
def towns(people: Database) -> Database:
    people.conn.execute("CREATE TABLE towns (id INTEGER PRIMARY KEY)")
    people.conn.execute("CREATE TABLE houses (id INTEGER PRIMARY KEY, town_id INTEGER NOT NULL REFERENCES towns (id))")
    return people


@pytest.mark.parametrize("tables", [(), ("houses",)])
@pytest.mark.parametrize("held", [0, 5])
def test_rows_that_point_to_nothing_are_refused_however_many_come(towns: Database, tables: tuple[str, ...], held: int) -> None:
    def build() -> None:
        with bulk_transaction(towns, *tables, held=held, coming=2) as connection:
            connection.execute("INSERT INTO towns (id) VALUES (1)")
            connection.execute("INSERT INTO houses (town_id) VALUES (1), (2)")

    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        build()

    assert towns["towns"].count == 0
    assert towns.conn.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_many_rows_are_looked_up_in_the_end(towns: Database) -> None:
    with bulk_transaction(towns, "houses", held=0, coming=2) as connection:
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 0
        # in any order
        connection.execute("INSERT INTO houses (town_id) VALUES (1), (2)")
        connection.execute("INSERT INTO towns (id) VALUES (1), (2)")

    assert towns["houses"].count == 2
    with pytest.raises(sqlite3.IntegrityError), transaction(towns) as connection:
        connection.execute("INSERT INTO houses (town_id) VALUES (3)")
