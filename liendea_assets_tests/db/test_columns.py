import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.db.columns import read_columns
from liendea_assets.db.connection import Database, open_database

ROWS = "SELECT id, number, text, word FROM things WHERE id BETWEEN :first AND :last ORDER BY id"
KINDS = {"id": "whole", "number": "number", "text": "text", "word": "words"}
SLICES = ({"first": 1, "last": 2}, {"first": 3, "last": 4}, {"first": 5, "last": 9})


@pytest.fixture
def things(tmp_path_factory: pytest.TempPathFactory) -> Database:
    db = open_database(tmp_path_factory.mktemp("columns") / "things.db")
    db.conn.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, number REAL, text TEXT, word TEXT NOT NULL)")
    return db


def test_no_rows_are_columns_without_values(things: Database) -> None:
    assert read_columns(things, ROWS, KINDS, SLICES).shape == (0, 4)  # type: ignore[arg-type]  # literals in a dict


def test_slices_follow_each_other_and_missing_is_missing(things: Database) -> None:
    things.conn.executemany("INSERT INTO things VALUES (?, ?, ?, ?)", [(1, None, "a,b", ""), (2, 0.1, None, "x"), (5, -3, "a,b", "é|")])
    found = read_columns(things, ROWS, KINDS, SLICES)  # type: ignore[arg-type]
    assert found["id"].tolist() == [1, 2, 5]
    assert found["number"].fillna(99).tolist() == [99, 0.1, -3]
    assert found["text"].astype(object).fillna("none").tolist() == ["a,b", "none", "a,b"]
    assert found["word"].tolist() == ["", "x", "é|"]


@settings(max_examples=10)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=5))
def test_numbers_come_back_as_they_are(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    db = open_database(tmp_path_factory.mktemp("columns") / "things.db")
    db.conn.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, number REAL)")
    db.conn.executemany("INSERT INTO things (number) VALUES (?)", [(number,) for number in numbers])
    found = read_columns(db, "SELECT number FROM things ORDER BY id", {"number": "number"})["number"].tolist()
    assert found == pytest.approx(numbers, rel=1e-15, abs=0)


def test_a_text_with_the_mark_that_ends_texts_is_read_with_a_blank(things: Database) -> None:
    things.conn.executemany("INSERT INTO things VALUES (?, 1, ?, ?)", [(1, "a\x1fb", "x"), (2, None, "y\x1f"), (3, "c", "z")])
    found = read_columns(things, ROWS, KINDS, SLICES)  # type: ignore[arg-type]
    assert found["text"].astype(object).fillna("none").tolist() == ["a b", "none", "c"]
    assert found["word"].tolist() == ["x", "y ", "z"]
