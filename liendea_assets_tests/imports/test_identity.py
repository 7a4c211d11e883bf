from collections.abc import Hashable, Mapping
from itertools import permutations
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.core.home import Home, default_config
from liendea_assets.core.settings import load_settings
from liendea_assets.imports.company_identity import company_labels
from liendea_assets.imports.identity import Pairs, person_labels
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.row_keys import hash_text, make_keys
from liendea_assets.imports.settings import ImportSettings

SETTINGS = load_settings(ImportSettings, Home(default_config().parent), "imports.yaml")
KEYS = NameKeys(SETTINGS)

COLUMNS = {
    "name": "full_name",
    "slug": "linkedin_id",
    "reach": "reach_id",
    "email": "work_email",
    "company": "company_key",
    "place": "place",
}
Groups = set[frozenset[Hashable]]


def frame(rows: Mapping[Any, dict[str, str]]) -> pd.DataFrame:
    """Rows by their name in the test; what a row does not say is missing."""
    content = [{COLUMNS[key]: value for key, value in ({"name": "Robin Weaver"} | row).items()} for row in rows.values()]
    return pd.DataFrame(content, index=list(rows), columns=list(COLUMNS.values()), dtype=object)


def labelled(rows: pd.DataFrame) -> pd.DataFrame:
    keys = make_keys(rows, SETTINGS).assign(company=hash_text(rows["company_key"]))
    return person_labels(keys)


def groups_of(rows: pd.DataFrame) -> Groups:
    labels = labelled(rows)["label"]
    return {frozenset(members) for members in labels.groupby(labels).groups.values()}


def groups(**rows: dict[str, str]) -> Groups:
    return groups_of(frame(rows))


def one(*names: str) -> frozenset[Hashable]:
    return frozenset(names)


def evidence(**rows: dict[str, str]) -> list[str]:
    return list(labelled(frame(rows))["evidence"])


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"slug": "robin", "name": "Robin Weaver"}, {"slug": "robin", "name": "R. Smith"}, "same LinkedIn profile"),
        ({"reach": "r1", "name": "Robin Weaver"}, {"reach": "r1", "name": "R. Smith"}, "same Reach id"),
        ({"email": "r@acme.example"}, {"email": "r@acme.example"}, "same e-mail and name"),
        ({"company": "1"}, {"company": "1"}, "same name and company"),
        ({"company": "1", "name": "Bob Müller"}, {"company": "1", "name": "Muller, Robert"}, "same name and company"),
        ({"company": "1", "slug": "robin"}, {"company": "1", "email": "r@acme.example"}, "same name and company"),
        ({"company": "1", "email": "r@acme.example"}, {"company": "1", "email": "robin@home.example"}, "same name and company"),
    ],
)
def test_rows_of_one_person_are_joined_with_the_reason(first: dict[str, str], second: dict[str, str], reason: str) -> None:
    assert groups(a=first, b=second) == {one("a", "b")}
    assert evidence(a=first, b=second) == [reason, reason]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"company": "1"}, {"company": "2"}),
        ({"company": "1"}, {}),
        ({"company": "1", "name": "Robin Weaver"}, {"company": "1", "name": "Robin Weber"}),
        ({"company": "1", "slug": "robin"}, {"company": "1", "slug": "robin-2"}),
        ({"company": "1", "reach": "r1"}, {"company": "1", "reach": "r2"}),
        ({"company": "1", "email": "r@acme.example"}, {"company": "1", "email": "robin@acme.example"}),
        ({"email": "r@acme.example", "slug": "robin"}, {"email": "r@acme.example", "slug": "robin-2"}),
        ({"reach": "r1", "slug": "robin"}, {"reach": "r1", "slug": "robin-2"}),
        ({"email": "r@acme.example", "name": "Robin Weaver"}, {"email": "r@acme.example", "name": "Ann Lee"}),
    ],
    ids=[
        "a name alone", "two companies", "company unknown", "two names", "two profiles", "two Reach ids", "two addresses at one employer",
        "address shared by two profiles", "Reach id shared by two profiles", "address shared by two names",
    ],
)  # fmt: skip
def test_rows_that_may_be_two_people_stay_two(first: dict[str, str], second: dict[str, str]) -> None:
    assert groups(a=first, b=second) == {one("a"), one("b")}
    assert evidence(a=first, b=second) == ["only row", "only row"]


@pytest.mark.parametrize("desk", ["info", "sales", "contact", "no-reply"])
def test_the_address_of_a_desk_joins_nobody(desk: str) -> None:
    row = {"email": f"{desk}@acme.example"}

    assert groups(a=row, b=row) == {one("a"), one("b")}


def test_the_address_of_a_desk_contradicts_nobody() -> None:
    assert groups(a={"email": "info@acme.example", "company": "1"}, b={"email": "r@acme.example", "company": "1"}) == {one("a", "b")}


def test_a_row_between_two_people_of_one_name_joins_neither() -> None:
    """It could be either; a wrong guess would write to the wrong person."""
    rows = {"a": {"slug": "robin", "company": "1"}, "b": {"slug": "robin-2", "company": "1"}, "c": {"company": "1"}}

    assert groups(**rows) == {one("a"), one("b"), one("c")}


def test_strong_keys_join_over_several_rows() -> None:
    assert groups(
        a={"slug": "robin"},
        b={"slug": "robin", "email": "r@acme.example"},
        c={"email": "r@acme.example", "reach": "r1"},
        d={"reach": "r1", "name": "Bob Elsewhere"},
        e={"slug": "other"},
    ) == {one("a", "b", "c", "d"), one("e")}


def test_a_contradiction_further_away_counts_too() -> None:
    """b would join a by name and company, but b is d, and d has another profile."""
    assert groups(
        a={"slug": "robin", "company": "1"},
        b={"email": "r@acme.example", "company": "1"},
        d={"email": "r@acme.example", "slug": "robin-2"},
    ) == {one("a"), one("b", "d")}


@pytest.mark.parametrize("order", list(permutations("abcd")), ids="".join)
def test_somebody_who_could_be_either_of_two_people_is_neither_in_any_order(order: tuple[str, ...]) -> None:
    """b and c are one person, who could be a at one employer or d at the other, but not both."""
    rows = {
        "a": {"slug": "robin", "company": "1"},
        "b": {"email": "r@home.example", "company": "1"},
        "c": {"email": "r@home.example", "company": "2"},
        "d": {"slug": "robin-2", "company": "2"},
    }

    assert groups(**{name: rows[name] for name in order}) == {one("a"), one("b", "c"), one("d")}


PEOPLE = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["Robin Weaver", "Rob Weaver", "Ann Lee"])},
        optional={
            "slug": st.sampled_from(["s1", "s2", "s3"]),
            "reach": st.sampled_from(["r1", "r2"]),
            "email": st.sampled_from(["a@x.example", "b@x.example", "c@y.example", "info@x.example"]),
            "company": st.sampled_from(["1", "2"]),
        },
    ),
    max_size=9,
)


@settings(max_examples=60, deadline=None)
@given(PEOPLE, st.randoms(use_true_random=False))
def test_who_is_who_does_not_depend_on_the_order_of_rows(people: list[dict[str, str]], random: Random) -> None:
    rows = frame(dict(enumerate(people)))
    shuffled = list(rows.index)
    random.shuffle(shuffled)

    assert groups_of(rows.loc[shuffled]) == groups_of(rows)


@settings(max_examples=40, deadline=None)
@given(PEOPLE)
def test_a_profile_is_never_split_and_two_profiles_are_never_one_person(people: list[dict[str, str]]) -> None:
    rows = frame(dict(enumerate(people)))
    joined = rows.assign(label=labelled(rows)["label"])

    assert (joined.dropna(subset=["linkedin_id"]).groupby("linkedin_id")["label"].nunique() == 1).all()
    assert (joined.groupby("label")["linkedin_id"].nunique() <= 1).all()


@settings(max_examples=40, deadline=None)
@given(PEOPLE)
def test_identifying_the_same_rows_twice_adds_nobody(people: list[dict[str, str]]) -> None:
    """Two copies of a file hold the same people; only rows without any key of their own may stand twice."""
    keyed = [row for row in people if "slug" in row]
    once, twice = frame(dict(enumerate(keyed))), frame(dict(enumerate(keyed * 2)))

    assert len(groups_of(twice)) == len(groups_of(once))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Robin Weaver", "WEAVER robin"),
        ("Bob Weaver", "Robert Weaver"),
        ("Liz Åberg-Smith", "Elizabeth Aberg Smith"),
        ("José", "Jose"),
        ("Jörg Müller", "Joerg Mueller"),
        ("John A. Smith", "John Smith"),
    ],
)
def test_spellings_of_one_name_have_one_key(first: str, second: str) -> None:
    assert KEYS.person(first) == KEYS.person(second)


def companies_of(*rows: tuple[str | None, str | None, str | None], **decisions: Pairs) -> list[int]:
    """Which of the rows (name, domain, e-mail) are one company: the position of the first row of each; -1 for none."""
    people = pd.DataFrame(rows, columns=["company_name", "company_domain", "work_email"], dtype="str").assign(full_name=None)
    labels = company_labels(make_keys(people, SETTINGS), SETTINGS.free_mail_domains, **decisions)["label"].tolist()
    return [labels.index(label) if label else -1 for label in labels]


def reasons_of(*rows: tuple[str | None, str | None, str | None]) -> list[str]:
    people = pd.DataFrame(rows, columns=["company_name", "company_domain", "work_email"], dtype="str").assign(full_name=None)
    return list(company_labels(make_keys(people, SETTINGS), SETTINGS.free_mail_domains)["evidence"])


def test_a_company_is_known_by_its_domain_else_by_the_domain_of_an_address_else_by_its_name() -> None:
    rows = [("Acme Inc", "acme.example", "r@other.example"), ("Beta", None, "r@beta.example"), ("Gamma Ltd", None, "r@gmail.com")]

    assert companies_of(*rows) == [0, 1, 2]
    assert reasons_of(*rows) == ["own web address", "domain of the e-mail address", "name without legal form"]
    assert companies_of((None, None, "r@gmail.com"), (None, None, None), (None, None, "r@beta.example")) == [-1, -1, -1]


def test_a_name_takes_the_domain_that_it_has_elsewhere() -> None:
    rows = [("Acme GmbH", "acme.example", None), ("ACME", None, None)]

    assert companies_of(*rows) == [0, 0]
    assert reasons_of(*rows)[1] == "web address of the same name in other rows"


def test_two_names_at_one_domain_are_one_company() -> None:
    assert companies_of(("Acme", "acme.example", None), ("Acme Europe", "acme.example", None)) == [0, 0]


def test_a_name_that_stands_for_two_domains_stays_a_name() -> None:
    assert companies_of(("Acme", "acme.example", None), ("Acme", "acme.org", None), ("Acme", None, None), ("ACME", None, None)) == [
        0,
        1,
        2,
        2,
    ]


def test_an_address_of_a_former_employer_does_not_split_a_company() -> None:
    assert companies_of(
        ("Acme Inc.", "acme.example", None),
        ("ACME", None, "robin@former.example"),
        ("Acme", None, None),
        ("Solo", None, "ann@solo.example"),
        ("Solo Ltd", None, None),
    ) == [0, 0, 0, 3, 3]


def test_companies_that_a_human_says_are_one_are_one() -> None:
    assert companies_of(("Acme", "acme.example", None), ("Apex", "apex.example", None), ("Apex", None, None), same=[(0, 1)]) == [0, 0, 0]


def test_a_company_that_a_human_parts_takes_all_rows_spelt_alike_with_it() -> None:
    rows = [("Acme", "acme.example", None), ("Acme Europe", "acme.example", None), ("Acme Europe", "acme.example", None)]

    assert companies_of(*rows, different=[(0, 1)]) == [0, 1, 1]
    assert companies_of(*rows, different=[(0, 1)], same=[(0, 2)]) == [0, 1, 1], "what is said to be two stays two"


def test_the_same_place_and_name_do_not_join_two_profiles() -> None:
    people = pd.DataFrame(
        {
            "full_name": ["Robin Weaver"] * 2,
            "linkedin_id": ["robin", "robin-2"],
            "reach_id": None,
            "work_email": None,
            "company_key": None,
            "place": ["list.xlsx/Data/2"] * 2,
        },
        dtype=object,
    )
    assert labelled(people)["label"].nunique() == 2


def test_a_person_with_a_corrected_address_is_still_found_by_name_and_company() -> None:
    people = pd.DataFrame(
        {
            "full_name": ["Robin Weaver"] * 3,
            "linkedin_id": [None, None, "robin"],
            "reach_id": None,
            "work_email": ["robin.waever@acme.example", "robin.weaver@acme.example", None],
            "company_key": "1",
            "place": ["list.xlsx/Data/2", "list.xlsx/Data/2", "export.zip/Connections.csv/1"],
        },
        dtype=object,
    )
    assert labelled(people)["label"].nunique() == 1


def decided(rows: pd.DataFrame, same: Pairs = (), different: Pairs = ()) -> Groups:
    keys = make_keys(rows, SETTINGS).assign(company=hash_text(rows["company_key"]))
    labels = person_labels(keys, same, different)["label"]
    return {frozenset(members) for members in labels.groupby(labels).groups.values()}


def test_a_human_who_says_that_two_are_one_is_right_whatever_contradicts() -> None:
    rows = frame({0: {"slug": "robin"}, 1: {"slug": "rob"}, 2: {"slug": "rob", "reach": "r1"}})

    assert decided(rows, same=[(0, 1)]) == {frozenset({0, 1, 2})}


def test_a_human_who_says_that_one_is_two_is_right_whatever_they_share() -> None:
    rows = frame({0: {"slug": "robin", "company": "1"}, 1: {"slug": "robin", "company": "1"}})

    assert decided(rows, different=[(0, 1)]) == {frozenset({0}), frozenset({1})}
    assert decided(rows, different=[(0, 1)], same=[(0, 1)]) == {frozenset({0}), frozenset({1})}


def test_what_a_human_parts_is_not_joined_over_a_third_row() -> None:
    rows = frame(
        {0: {"slug": "a", "email": "r@acme.example"}, 1: {"email": "r@acme.example", "reach": "r1"}, 2: {"reach": "r1", "slug": "a"}}
    )

    labels = decided(rows, different=[(0, 1)])

    assert not any({0, 1} <= group for group in labels)


@settings(max_examples=40, deadline=None)
@given(PEOPLE, st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=4), st.randoms(use_true_random=False))
def test_pairs_that_a_human_parts_are_never_together_in_any_order(
    people: list[dict[str, str]], pairs: list[tuple[int, int]], random: Random
) -> None:
    rows = frame(dict(enumerate(people)))
    different = [(one, other) for one, other in pairs if one != other and max(one, other) < len(people)]
    order = list(range(len(people)))
    random.shuffle(order)
    moved = [(order.index(one), order.index(other)) for one, other in different]

    found = decided(rows, different=different)

    assert not any({one, other} <= group for one, other in different for group in found)
    assert decided(rows.iloc[order], different=moved) == found


@pytest.mark.parametrize(
    ("first", "second", "are_one"),
    [
        ("Robin Weaver", "R. Weaver", True),
        ("Robin Weaver", "Rob Weber", False),
        ("Elizabeth Weaver", "Liz Weaver", True),
        ("Ann Weaver", "Rob Weaver", False),
    ],
)
def test_an_address_is_one_persons_where_the_names_agree(first: str, second: str, are_one: bool) -> None:
    address = {"email": "weaver@acme.example"}

    assert (len(groups(a={"name": first} | address, b={"name": second} | address)) == 1) is are_one
