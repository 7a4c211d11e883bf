import json
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.imports.connections import COLUMNS, build_ties, indirect_ties
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.tie_strength import STRONGEST_WITHOUT_REPLY, evidence, strength

AS_OF = "2026-07-01"


def tie(**changed: object) -> dict[str, object]:
    """A tie as `tie_strength` takes it: connected in 2020, messages known, none written."""
    row: dict[str, object] = {
        "connected_on": "2020-01-01", "as_of": AS_OF, "has_messages": 1, "sent": 0.0, "received": 0.0, "last_received_on": None,
        "invited_by": None, "invited_on": None, "endorsements_given": 0, "endorsements_received": 0, "recommendations_given": 0,
        "recommendations_received": 0, "same_employer": None,
    }  # fmt: skip
    assert changed.keys() <= row.keys()
    return row | changed


def strengths(*rows: dict[str, object]) -> list[float | None]:
    values = strength(pd.DataFrame(list(rows), dtype=object))
    return [None if pd.isna(value) else float(value) for value in values]


def known(**changed: object) -> float:
    value = strengths(tie(**changed))[0]
    assert value is not None
    return value


ALL_ELSE = {
    "invited_by": "contact", "endorsements_given": 9, "endorsements_received": 9, "recommendations_given": 9,
    "recommendations_received": 9, "same_employer": "",
}  # fmt: skip


def test_without_a_reply_a_tie_stays_weak_whatever_else_there_is() -> None:
    assert known(sent=10_000, **ALL_ELSE) <= STRONGEST_WITHOUT_REPLY
    assert known() < known(sent=1) == known(sent=500) < STRONGEST_WITHOUT_REPLY


def test_any_reply_is_stronger_than_no_reply() -> None:
    assert known(received=1, last_received_on="1999-01-01", connected_on=None) > STRONGEST_WITHOUT_REPLY


def test_a_strength_is_unknown_where_the_export_has_no_messages() -> None:
    assert strengths(tie(has_messages=0, sent=None, received=None, **ALL_ELSE)) == [None]


def test_half_a_year_halves_what_recency_adds() -> None:
    today, half_a_year, ages = (known(received=3, last_received_on=day) for day in (AS_OF, "2026-01-02", "1990-01-01"))

    assert today - half_a_year == pytest.approx((today - ages) / 2, abs=0.11)


@pytest.mark.parametrize("signal", ALL_ELSE)
def test_each_further_sign_strengthens_a_tie(signal: str) -> None:
    assert known(received=2, last_received_on=AS_OF, **{signal: ALL_ELSE[signal]}) > known(received=2, last_received_on=AS_OF)


def test_the_strongest_tie_is_10() -> None:
    assert known(sent=99, received=99, last_received_on=AS_OF, **ALL_ELSE) == pytest.approx(9.9, abs=0.11)


counts = st.one_of(st.integers(0, 10_000).map(float), st.floats(0, 3))
days = st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2030, 1, 1)).map(str))
ties = st.builds(
    tie,
    connected_on=days, has_messages=st.sampled_from([0, 1]), sent=counts, received=counts, last_received_on=days,
    invited_by=st.sampled_from([None, "owner", "contact"]), endorsements_given=st.integers(0, 5),
    endorsements_received=st.integers(0, 5), recommendations_given=st.integers(0, 2), recommendations_received=st.integers(0, 2),
    same_employer=st.sampled_from([None, "", " since 2020"]),
)  # fmt: skip


@given(ties)
def test_a_strength_lies_between_0_and_10_and_is_missing_only_where_messages_are(row: dict[str, object]) -> None:
    (value,) = strengths(row)

    assert (value is None) == (row["has_messages"] == 0)
    assert value is None or 0 <= value <= 10
    assert value is None or row["received"] or value <= STRONGEST_WITHOUT_REPLY


@given(ties, st.floats(0, 100), st.integers(0, 1000))
def test_more_replies_and_a_more_recent_one_never_weaken_a_tie(row: dict[str, object], more: float, later: int) -> None:
    row = row | {"has_messages": 1}
    received = float(str(row["received"]))
    last = row["last_received_on"]
    newer = None if last is None else str(date.fromisoformat(str(last)) + timedelta(days=later))

    before, after = strengths(row, row | {"received": received + more, "last_received_on": newer})

    assert before is not None
    assert after is not None
    assert after >= before


@given(ties)
def test_evidence_is_a_list_of_sentences(row: dict[str, object]) -> None:
    sentences = json.loads(evidence(pd.DataFrame([row], dtype=object))[0])

    assert sentences
    assert all(isinstance(sentence, str) and sentence for sentence in sentences)


def test_the_evidence_says_what_the_strength_rests_on() -> None:
    rows = [
        tie(sent=14, received=11.25, last_received_on="2026-02-11", endorsements_received=1, invited_by="contact", invited_on="2020-01-01"),
        tie(connected_on=None),
        tie(has_messages=0, same_employer=" 2019–2022"),
    ]

    assert [json.loads(text) for text in evidence(pd.DataFrame(rows, dtype=object))] == [
        ["wrote 11.2 times, last on 2026-02-11", "was written to 14 times", "invited the colleague on 2020-01-01", "endorsed the colleague",
         "connected since 2020-01-01"],
        ["never wrote"],
        ["messages not in the export", "works where the colleague worked 2019–2022", "connected since 2020-01-01"],
    ]  # fmt: skip


def degrees(*known: tuple[int, int]) -> dict[tuple[int, int], int]:
    found = indirect_ties(pd.DataFrame(list(known), columns=["contact_id", "owner_id"]))
    return {(row.contact_id, row.owner_id): row.connection_degree for row in found.itertuples()}  # type: ignore[misc]


A, B, C, D = 91, 92, 93, 94


def test_who_a_connected_colleague_knows_is_two_steps_away_and_one_colleague_further_three() -> None:
    assert degrees((1, A), (B, A), (C, B), (D, C)) == {(1, B): 2, (1, C): 3, (A, C): 2, (C, A): 2, (D, A): 3, (D, B): 2}


def test_colleagues_who_are_not_connected_are_no_way() -> None:
    assert degrees((1, A), (2, B)) == {}


def test_who_is_known_directly_is_no_further_away() -> None:
    assert degrees((1, A), (1, B), (B, A)) == {}


@st.composite
def networks(draw: st.DrawFn) -> set[tuple[int, int]]:
    pairs = draw(st.sets(st.tuples(st.sampled_from([1, 2, 3, A, B, C, D]), st.sampled_from([A, B, C, D])), min_size=1, max_size=14))
    return {(contact, owner) for contact, owner in pairs if contact != owner} or {(1, A)}


@given(networks())
def test_degrees_are_the_lengths_of_the_shortest_ways_over_colleagues(known: set[tuple[int, int]]) -> None:
    owners = {owner for _, owner in known}
    steps = known | {(owner, contact) for contact, owner in known if contact in owners}
    expected: dict[tuple[int, int], int] = {}
    for contact in {person for pair in known for person in pair}:
        reached, length = {contact}, {contact: 0}
        for step in (1, 2, 3):
            here = {owner for person, owner in steps if person in reached and length[person] == step - 1}
            length |= dict.fromkeys(here - length.keys(), step)
            reached |= here
        expected |= {(contact, owner): step for owner, step in length.items() if step > 1}

    assert degrees(*known) == expected


@pytest.fixture
def keys(import_settings: ImportSettings) -> NameKeys:
    return NameKeys(import_settings)


def row(contact: int, file: int, **changed: object) -> dict[str, object]:
    """A row of `network_store.read_rows`."""
    values = dict.fromkeys(
        ("connected_on", "company_name", "company_id", "title", "sent", "received", "last_received_on", "invited_by", "invited_on", "endorsements_given",
         "endorsements_received", "recommendations_given", "recommendations_received")
    )  # fmt: skip
    return {"file_id": file, "contact_id": contact, **values, **changed}


def export(file: int, owner: int, as_of: str, has_messages: int = 1) -> dict[str, object]:
    dates = {"as_of": as_of, "last_connected_on": as_of, "dated_at": f"{as_of} 10:00:00.000000"}
    return {"file_id": file, "owner_id": owner, "has_messages": has_messages, **dates}


def ties_of(keys: NameKeys, rows: list[dict[str, object]], exports: list[dict[str, object]], *jobs: tuple[object, ...]) -> pd.DataFrame:
    positions = pd.DataFrame(list(jobs), columns=["file_id", "company_name", "started_year", "finished_year"])
    return build_ties(pd.DataFrame(rows), pd.DataFrame(exports), positions, keys)


def shown(built: pd.DataFrame) -> list[tuple[object, ...]]:
    columns = ["contact_id", "connected_to_id", "connection_degree", "mutual_connections", "is_current"]
    return list(built[columns].itertuples(index=False, name=None))


def test_the_newest_export_by_its_own_dates_is_the_network_and_older_ties_stay_without_being_current(keys: NameKeys) -> None:
    rows = [row(1, 5), row(2, 5), row(1, 7), row(3, 7)]

    built = ties_of(keys, rows, [export(7, A, "2025-01-01"), export(5, A, "2026-01-01")])

    assert tuple(built.columns) == COLUMNS
    assert shown(built) == [(1, A, 1, 1, 1), (2, A, 1, 1, 1), (3, A, 1, 0, 0)]


def test_mutual_connections_are_how_many_owners_know_the_contact(keys: NameKeys) -> None:
    built = ties_of(keys, [row(1, 5), row(1, 6), row(2, 6)], [export(5, A, AS_OF), export(6, B, AS_OF)])

    assert shown(built) == [(1, A, 1, 2, 1), (1, B, 1, 2, 1), (2, B, 1, 1, 1)]


def test_a_lost_connection_whom_a_colleague_knows_is_two_steps_away(keys: NameKeys) -> None:
    rows = [row(1, 5), row(B, 5), row(B, 6), row(1, 7)]

    built = ties_of(keys, rows, [export(5, A, "2025-01-01"), export(6, A, "2026-01-01"), export(7, B, "2026-01-01")])

    assert (1, A, 2, 1, 1) in shown(built)
    assert (1, B, 1, 1, 1) in shown(built)
    assert built.loc[built["connection_degree"] > 1, "strength"].isna().all()


def test_nobody_is_tied_to_themselves_and_two_rows_of_one_person_are_one_tie(keys: NameKeys) -> None:
    rows = [row(A, 5), row(1, 5, received=2.0, sent=0.0), row(1, 5, received=1.0, sent=0.0)]

    built = ties_of(keys, rows, [export(5, A, AS_OF)])

    assert shown(built) == [(1, A, 1, 1, 1)]
    assert "wrote 3 times" in json.loads(built["evidence"][0])


def employers(keys: NameKeys, rows: list[dict[str, object]], exports: list[dict[str, object]], *jobs: tuple[object, ...]) -> list[str]:
    """What the evidence says of employers, tie by tie."""
    built = ties_of(keys, rows, exports, *jobs)
    sentences: list[list[str]] = [json.loads(text) for text in built["evidence"]]
    return ["".join(sentence for sentence in each if "worked" in sentence) for each in sentences]


def test_an_employer_of_the_owner_counts_in_any_spelling(keys: NameKeys) -> None:
    rows = [row(1, 5, company_name="ACME"), row(2, 5, company_name="Beta")]

    assert employers(keys, rows, [export(5, A, AS_OF)], (5, "Acme Inc.", 2019, 2026)) == ["works where the colleague worked 2019–2026", ""]


@pytest.mark.parametrize(
    ("jobs", "sentence"),
    [
        ([(2019, 2026)], " 2019–2026"),
        ([(2019, None)], " since 2019"),
        ([(None, None)], ""),
        ([(None, 2026)], ""),
        ([(2019, 2022)], None),
        ([(2027, None)], None),
        ([(None, 2022)], None),
        ([(2001, 2003), (2024, 2026)], " 2024–2026"),
    ],
)
def test_an_employer_is_shared_where_the_years_overlap_or_are_not_known(
    keys: NameKeys, jobs: list[tuple[int | None, int | None]], sentence: str | None
) -> None:
    found = employers(keys, [row(1, 5, company_name="Acme")], [export(5, A, AS_OF)], *((5, "Acme", *years) for years in jobs))

    assert found == ["" if sentence is None else f"works where the colleague worked{sentence}"]


def test_an_older_export_of_anybody_tells_since_when_a_contact_is_known_there(keys: NameKeys) -> None:
    rows = [row(1, 5, company_name="Acme"), row(1, 6, company_name="Acme")]

    assert employers(keys, rows, [export(5, A, AS_OF), export(6, B, "2021-01-01")], (5, "Acme", 2019, 2022)) == [
        "works where the colleague worked 2019–2022",
        "",
    ]


def test_the_newest_export_with_messages_tells_the_strength_of_a_tie(keys: NameKeys) -> None:
    """A quick export of the connections alone is newer; it does not make unknown what is known."""
    rows = [row(1, 5, sent=1.0, received=2.0, last_received_on="2026-05-01"), row(1, 6), row(2, 6)]
    told = ties_of(keys, rows[:1], [export(5, A, "2026-06-01")])

    built = ties_of(keys, rows, [export(5, A, "2026-06-01"), export(6, A, "2026-07-01", has_messages=0)])

    assert shown(built) == [(1, A, 1, 1, 1), (2, A, 1, 1, 1)]
    assert built["strength"].tolist()[0] == told["strength"].tolist()[0]
    assert built["evidence"][0] == told["evidence"][0]
    assert pd.isna(built["strength"][1])


def test_of_two_exports_with_messages_the_newer_one_tells(keys: NameKeys) -> None:
    rows = [row(1, 5, received=2.0, last_received_on="2026-05-01"), row(1, 6, received=9.0, last_received_on="2026-06-01")]

    built = ties_of(keys, rows, [export(5, A, "2026-05-01"), export(6, A, "2026-06-01")])

    assert "wrote 9 times" in built["evidence"][0]


def test_a_person_twice_in_one_export_is_the_same_tie_in_any_order_of_rows(keys: NameKeys) -> None:
    rows = [
        row(1, 5, connected_on="2024-01-01", company_name="Acme", invited_by="owner"),
        row(1, 5, connected_on="2026-01-01", company_name="Beta", invited_by="contact"),
        row(1, 5, company_name="Gamma", invited_by="owner", invited_on="2020-01-01"),
    ]
    jobs = [(5, "Beta", 2020, None)]

    built = [ties_of(keys, order, [export(5, A, AS_OF)], *jobs) for order in (rows, rows[::-1])]

    assert built[0].equals(built[1])
    assert json.loads(built[0]["evidence"][0])[1:] == [
        "invited the colleague",
        "works where the colleague worked since 2020",
        "connected since 2024-01-01",
    ]


def test_without_rows_there_are_no_ties(keys: NameKeys) -> None:
    built = ties_of(keys, [], [])

    assert built.empty
    assert tuple(built.columns) == COLUMNS
