import itertools

import pandas as pd
import pytest

from liendea_assets.imports.snapshots import order_exports, sort_rows

A, B = 91, 92


def whole(file: int, connected: str, message: str, dated: str = "2026-12-01", owner: int = A) -> dict[str, object]:
    """An export with messages: its newest connection, its newest message, the file's own date."""
    return {
        "file_id": file, "owner_id": owner, "has_messages": 1, "as_of": max(connected, message), "last_connected_on": connected,
        "dated_at": dated,
    }  # fmt: skip


def alone(file: int, connected: str | None, dated: str = "2026-12-01", owner: int = A) -> dict[str, object]:
    """A Connections.csv without its ZIP."""
    day = connected or dated
    return {
        "file_id": file, "owner_id": owner, "has_messages": 0, "as_of": day, "last_connected_on": connected, "dated_at": dated,
    }  # fmt: skip


def rows_of(**titles: str) -> pd.DataFrame:
    """A row per file (`f1` …) about one contact with this title."""
    rows = [
        {"file_id": int(name[1:]), "contact_id": 1, "connected_on": "2026-01-05", "company_name": None, "title": title}
        for name, title in titles.items()
    ]
    return pd.DataFrame(rows, columns=["file_id", "contact_id", "connected_on", "company_name", "title"])


def order(exports: list[dict[str, object]], **titles: str) -> list[int]:
    """File ids, the oldest first; the same in whatever order the files came."""
    found = {
        tuple(order_exports(pd.DataFrame(list(some)), rows_of(**titles))["file_id"].tolist()) for some in itertools.permutations(exports)
    }
    assert len(found) == 1
    return list(found.pop())


def test_whole_exports_are_dated_by_the_newest_date_in_them() -> None:
    assert order([whole(1, "2026-01-05", "2026-03-01"), whole(2, "2026-01-03", "2026-04-01")]) == [1, 2]


def test_connections_alone_that_know_a_newer_one_are_newer_whatever_messages_came_meanwhile() -> None:
    assert order([whole(1, "2026-01-05", "2026-03-01"), alone(2, "2026-01-08")]) == [1, 2]


def test_connections_alone_that_lack_the_newest_one_are_older_whenever_they_were_saved() -> None:
    assert order([whole(1, "2026-01-05", "2026-01-05", "2026-01-06"), alone(2, "2026-01-04", "2026-09-09")]) == [2, 1]


def test_connections_alone_stand_between_the_exports_that_they_lie_between() -> None:
    exports = [whole(1, "2026-01-05", "2026-03-01"), alone(2, "2026-01-08"), whole(3, "2026-02-08", "2026-03-05")]

    assert order(exports) == [1, 2, 3]


def test_a_file_saved_anew_is_a_copy_of_the_export_that_says_the_same() -> None:
    exports = [whole(1, "2026-01-05", "2026-02-01", "2026-02-01"), whole(2, "2026-01-05", "2026-03-01", "2026-03-01")]

    assert order([*exports, alone(3, "2026-01-05", "2026-09-09")], f1="VP", f2="CRO", f3="VP") == [3, 1, 2]
    assert order([*exports, alone(3, "2026-01-05", "2026-09-09")], f1="VP", f2="CRO", f3="CRO") == [1, 3, 2]


@pytest.mark.parametrize(("dated", "expected"), [("2026-02-02", [1, 2]), ("2026-01-31", [2, 1])])
def test_of_other_content_with_the_same_newest_connection_the_date_of_the_file_decides(dated: str, expected: list[int]) -> None:
    exports = [whole(1, "2026-01-05", "2026-01-20", "2026-02-01"), alone(2, "2026-01-05", dated)]

    assert order(exports, f1="VP", f2="CRO") == expected


def test_without_any_date_in_them_files_are_dated_by_their_own() -> None:
    assert order([alone(1, None, "2026-03-01"), alone(2, None, "2026-02-01"), alone(3, "2026-02-15", "2026-09-09")]) == [2, 3, 1]


def test_each_owner_has_a_newest_export() -> None:
    exports = pd.DataFrame([whole(1, "2026-01-05", "2026-03-01"), alone(2, "2026-01-08"), alone(3, "2025-01-08", owner=B)])

    ordered = order_exports(exports, rows_of())

    assert dict(zip(ordered["file_id"], ordered["is_newest"], strict=True)) == {1: False, 2: True, 3: True}
    assert order_exports(exports.head(0), rows_of()).empty


def test_of_two_rows_of_a_person_the_newer_connection_stands_last() -> None:
    rows = pd.concat([rows_of(f1="CRO").assign(connected_on="2026-01-01"), rows_of(f1="VP").assign(connected_on=None), rows_of(f1="SVP")])

    assert [sort_rows(some)["title"].tolist() for some in (rows, rows[::-1])] == [["VP", "CRO", "SVP"]] * 2
