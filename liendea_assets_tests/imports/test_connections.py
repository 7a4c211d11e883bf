import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.imports.connections import COLUMNS, STRONGEST_WITHOUT_REPLY, first_degree_ties


def tie(**changed: object) -> dict[str, object]:
    """A row of `store.read_ties`."""
    row: dict[str, object] = {
        "contact_id": 1, "owner_id": 9, "file_id": 1, "connected_on": "2020-01-01", "sent": 0, "received": 0, "last_received_on": None,
        "as_of": "2026-07-01",
    }  # fmt: skip
    return row | changed


def strengths(*rows: dict[str, object]) -> list[float | None]:
    ties = first_degree_ties(pd.DataFrame(list(rows), dtype=object))
    return [None if pd.isna(value) else float(value) for value in ties["strength"]]


def strength(**changed: object) -> float | None:
    return strengths(tie(**changed))[0]


def replied(**changed: object) -> float:
    value = strength(**({"sent": 3, "received": 3, "last_received_on": "2026-07-01"} | changed))
    assert value is not None
    return value


def test_without_a_reply_a_tie_stays_weak_however_many_messages_went_out() -> None:
    assert strength() == 1.0
    assert strength(sent=1) == 2.0
    assert strength(sent=500) == 2.0
    many = [tie(sent=500, owner_id=owner) for owner in range(9, 19)]
    assert strengths(*many) == [STRONGEST_WITHOUT_REPLY] * 10


def test_any_reply_is_stronger_than_no_reply() -> None:
    assert replied(sent=0, received=1, last_received_on="1999-01-01") > STRONGEST_WITHOUT_REPLY


def test_a_strength_is_unknown_where_the_export_has_no_messages() -> None:
    ties = first_degree_ties(pd.DataFrame([tie(sent=None, received=None)], dtype=object))

    assert ties["strength"].isna().all()
    assert list(ties["evidence"]) == ["connected; messages not in the export"]


def test_the_more_recent_the_last_reply_the_stronger_the_tie() -> None:
    days = ["2026-07-01", "2026-06-01", "2026-01-02", "2025-01-01", "2015-01-01"]
    values = [replied(last_received_on=day) for day in days]

    assert values == sorted(values, reverse=True)
    assert values[0] - values[2] == pytest.approx(2.0, abs=0.1), "half a year halves what recency adds"


def test_a_reply_after_the_newest_date_of_the_file_counts_as_of_that_date() -> None:
    assert replied(last_received_on="2027-01-01") == replied()


def test_messages_both_ways_are_stronger_than_one_way() -> None:
    assert replied(sent=0, received=9) < replied(sent=1, received=9) < replied(sent=3, received=9)


@given(
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.one_of(st.none(), st.dates().map(str)),
    st.integers(1, 6),
)
def test_a_strength_lies_between_0_and_10(sent: int, received: int, last: str | None, owners: int) -> None:
    rows = [tie(sent=sent, received=received, last_received_on=last, owner_id=owner) for owner in range(owners)]

    assert all(value is not None and 0 <= value <= 10 for value in strengths(*rows))


def test_mutual_connections_are_how_many_owners_know_the_contact() -> None:
    ties = first_degree_ties(pd.DataFrame([tie(), tie(owner_id=8), tie(contact_id=2)], dtype=object))

    assert list(ties[["contact_id", "connected_to_id", "mutual_connections"]].itertuples(index=False, name=None)) == [
        (1, 8, 2),
        (1, 9, 2),
        (2, 9, 1),
    ]
    assert set(ties["connection_degree"]) == {1}


def test_of_two_exports_of_one_owner_the_newer_one_counts() -> None:
    ties = first_degree_ties(
        pd.DataFrame([tie(file_id=5, sent=7, connected_on="2021-01-01"), tie(file_id=2, sent=1, connected_on="2020-01-01")], dtype=object)
    )

    assert list(ties["evidence"]) == ["connected; 7 sent, none received"]
    assert list(ties["connection_date"]) == ["2021-01-01"]
    assert list(ties["mutual_connections"]) == [1]


def test_the_evidence_says_what_the_strength_comes_from() -> None:
    rows = [tie(), tie(contact_id=2, sent=2, received=3, last_received_on="2026-05-06")]

    assert list(first_degree_ties(pd.DataFrame(rows, dtype=object))["evidence"]) == [
        "connected; no messages",
        "3 received, the last on 2026-05-06; 2 sent",
    ]


def test_without_rows_there_are_no_ties() -> None:
    ties = first_degree_ties(pd.DataFrame())

    assert ties.empty
    assert tuple(ties.columns) == COLUMNS
