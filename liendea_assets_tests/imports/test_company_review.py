"""Companies that are likely one: found by their own names, strictly, and told why."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.core.home import Home
from liendea_assets.imports import company_review, decision_store, merges
from liendea_assets.imports.company_review import likely_companies
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import gtm_row, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.test_merges import ME, Desk, desk

__all__ = ["desk"]

Company = tuple[str, str | None]


def frame(companies: list[Company]) -> pd.DataFrame:
    names, domains = ([one[place] for one in companies] for place in (0, 1))
    return pd.DataFrame(
        {"id": range(1, len(companies) + 1), "name": pd.Series(names, dtype="str"), "domain": pd.Series(domains, dtype="str")}
    )


def people(*worked_at: tuple[int, int]) -> pd.DataFrame:
    """Pairs of a person and a company."""
    return pd.DataFrame({"slug": [person for person, _ in worked_at], "company": [company for _, company in worked_at]}, dtype="int64")


def found(settings: ImportSettings, *companies: Company, known: pd.DataFrame | None = None) -> dict[tuple[int, int], list[str]]:
    reviews = likely_companies(frame(list(companies)), people() if known is None else known, set(), settings)
    assert reviews["probability"].between(0.5, 1).all()
    return {(row.left_id, row.right_id): json.loads(str(row.evidence)) for row in reviews.itertuples()}  # type: ignore[misc]


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (("Northwind Traders", "northwind.example"), ("Northwnd Traders", None), "names one letter apart"),
        (("Northwind Traders", None), ("Northwind Tradres", None), "names one letter apart"),
        (("Blue Harbors", "blueharbors.example"), ("Blue Harbor", None), "same name but for an s"),
        (("Acme", "acme.example"), ("Acme Germany", None), "same name but for a country, group or holding"),
        (("Acme Group", "acme.example"), ("Acme", None), "same name but for a country, group or holding"),
        (("Acme Laboratories", "acmelabs.example"), ("AcmeLabs", None), "the name of one is the web address of the other"),
        (("Northwind", "northwind.de"), ("Northwind Trading", "northwind.com"), "same web address but for its ending"),
        (("Acme", "acme.example"), ("Acme Inc.", "acme-corp.example"), "same name"),
    ],
)
def test_a_likely_pair_is_found_whichever_came_first(import_settings: ImportSettings, one: Company, other: Company, reason: str) -> None:
    assert reason in found(import_settings, one, other)[1, 2]
    assert reason in found(import_settings, other, one)[1, 2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # two web addresses are two companies, however alike the names
        (("Hansen Labs", "hansenlabs.example"), ("Hanson Labs", "hansonlabs.example")),
        (("Acme", "acme.example"), ("Acme Germany", "acme-germany.example")),
        (("Delta Air Lines", "delta.com"), ("Delta Exchange", "delta.io")),
        (("Acme Labs", "acmelabs.example"), ("Acme Systems", None)),
        (("Orbit", "orbit.example"), ("Orbis", None)),
        (("Fernandez Labs", "fernandezlabs.example"), ("Hernandez Labs", None)),
        (("Studio Seventy 7", None), ("Studio Seventy 8", None)),
        (("Smith & Johnson", None), ("Johnson & Smith", None)),
        (("Acme Germany", None), ("Acme France", None)),
        (("acme.example", "acme.example"), ("acme.test", "acme.test")),
    ],
)
def test_companies_that_are_merely_alike_are_not_asked_about(import_settings: ImportSettings, one: Company, other: Company) -> None:
    assert found(import_settings, one, other) == {}


def test_a_person_known_at_both_makes_alike_names_likely(import_settings: ImportSettings) -> None:
    pair = (("Hansen Labs", "hansenlabs.example"), ("Hanson Labs", "hansonlabs.example"))

    assert found(import_settings, *pair, known=people((7, 1), (8, 2))) == {}
    assert found(import_settings, *pair, known=people((7, 1), (7, 1), (7, 2), (0, 1), (0, 2))) == {
        (1, 2): ["names one letter apart", "both have a web address", "1 person known at both"]
    }


def test_where_companies_are_called_after_people_one_letter_says_nothing(import_settings: ImportSettings) -> None:
    """As many alike names have web addresses of their own as would be alike by chance."""
    alike = [("Hansen", "Hanson"), ("Nielsen", "Nielson"), ("Clarke", "Clerke"), ("Johnson", "Johnston"), ("Gonzales", "Gonzalez")]
    with_addresses: list[Company] = [(f"{name} Labs", f"{name}labs.example".lower()) for pair in alike for name in pair]
    one_without: list[Company] = [("Princeware", "princeware.example"), ("Priceware", None)]

    assert found(import_settings, *with_addresses, *one_without) == {}
    assert len(found(import_settings, *one_without)) == 1


def test_a_name_that_many_bear_says_nothing(import_settings: ImportSettings) -> None:
    bearers: list[Company] = [("Phoenix", f"phoenix-{number}.example") for number in range(company_review.MOST_NAMESAKES + 1)]

    assert found(import_settings, *bearers) == {}
    assert len(found(import_settings, *bearers[:2])) == 1


def test_a_pair_that_a_human_has_parted_is_not_asked_about_again(import_settings: ImportSettings) -> None:
    companies = frame([("Blue Harbor", "blueharbor.example"), ("Blueharbor", None)])

    assert likely_companies(companies, people(), {(1, 2)}, import_settings).empty


NAMES = st.lists(
    st.tuples(
        st.sampled_from(
            ["Acme", "Acme Labs", "AcmeLabs", "Acme Germany", "Northwind", "Northwnd", "Northwinds", "=1", "北京", "&", "Ünal"]
        ),
        st.sampled_from([None, "acme.example", "acme.test", "northwind.example", "acmelabs.example"]),
    ),
    max_size=8,
    unique_by=lambda one: one[1] or id(one),
)


@given(NAMES, st.integers(0, 99))
def test_the_order_of_companies_makes_no_difference(import_settings: ImportSettings, companies: list[Company], seed: int) -> None:
    known = frame(companies)
    shuffled = known.sample(frac=1, random_state=seed)

    one, other = (likely_companies(some, people(), set(), import_settings) for some in (known, shuffled))

    assert one.values.tolist() == other.values.tolist()
    assert (one["left_id"] < one["right_id"]).all()
    assert not one.duplicated(["left_id", "right_id"]).any()


def test_likely_companies_are_listed_decided_and_listed_again_when_that_is_undone(desk: Desk) -> None:
    make_workbook(
        desk.home.inbox / "a.xlsx",
        [
            gtm_row(account="Northwind Traders", website="northwind.example", email="robin@northwind.example"),
            gtm_row(first="Ann", account="Northwnd Traders", website=None, email=None, linkedin=None),
        ],
    )
    desk.run()
    (review,) = desk.db.table("merge_reviews").rows_where("entity = 'company'")
    assert json.loads(review["evidence"])[0] == "names one letter apart"

    pair = review["left_id"], review["right_id"]
    decision = merges.decide(desk.db, "company", "different", *pair, ME, desk.clock)
    desk.run()
    assert [*desk.db.table("merge_reviews").rows_where("entity = 'company'")] == []
    assert decision is not None
    merges.undo(desk.db, decision, desk.clock)
    desk.run()
    assert [*desk.db.table("merge_reviews").rows_where("entity = 'company'")] == [review]

    merges.decide(desk.db, "company", "same", *pair, ME, desk.clock)
    desk.run()
    assert [*desk.db.table("merge_reviews").rows_where("entity = 'company'")] == []
    assert decision_store.list_reviews(desk.db).empty


def test_in_the_sample_nobody_is_asked_about_two_companies(sample_home: Home, import_settings: ImportSettings, clock: VirtualClock) -> None:
    """Every company of the sample has one web address, and its spellings are known to be one."""
    desk = Desk(sample_home.root, import_settings, clock)
    desk.run()

    assert len([*desk.db.table("companies").rows]) > 20
    assert [*desk.db.table("merge_reviews").rows_where("entity = 'company'")] == []
