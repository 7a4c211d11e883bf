import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liendea_assets.db.connection import Database
from liendea_assets.enrichment import store
from liendea_assets.enrichment.merge import COMPLETE_FIELDS, merge_answers
from liendea_assets.enrichment.provider import FIELDS
from liendea_assets.enrichment.settings import EnrichmentSettings, Survivorship
from liendea_assets_tests.enrichment.rows import LONG_AGO, add_answer, add_company, add_contact

ORDER = EnrichmentSettings().source_order
MAY = "2026-05-07 08:00:00.000000"
JUNE = "2026-06-07 08:00:00.000000"


def merged(db: Database, order: Sequence[str] = ORDER, survivorship: Survivorship = "source_order") -> dict[int, dict[str, Any]]:
    """What is known by contact, after a journey through the table; `sources` as it reads."""
    answers = store.read_answers(db, accept_confidence=0.6)
    store.store_enriched(db, merge_answers(store.read_contacts(db), answers, order, store.read_email_verdicts(db), survivorship))
    rows = db.table("enriched_contacts").rows_where(order_by="contact_id")
    return {row["contact_id"]: {**row, "sources": json.loads(row["sources"])} for row in rows}


def test_a_contact_of_whom_nothing_is_known_has_a_row(db: Database) -> None:
    contact = add_contact(db, full_name="Robin Weaver", linkedin_id=None)
    (row,) = merged(db).values()
    assert (row["contact_id"], row["full_name"], row["profile_completeness"], row["sources"]) == (contact, "Robin Weaver", 0, {})
    assert {row[name] for name in FIELDS} == {None}


def test_no_contacts_are_no_rows(db: Database) -> None:
    assert merged(db) == {}


def test_owners_have_a_row_and_merged_contacts_have_none(db: Database) -> None:
    owner = add_contact(db, is_owner=1)
    add_contact(db, merged_into=owner)
    assert {contact: row["is_owner"] for contact, row in merged(db).items()} == {owner: 1}


@pytest.mark.parametrize(
    ("order", "title"),
    [
        (("manual", "gtm", "reach", "linkedin"), "of manual"),
        (("linkedin", "reach"), "of linkedin"),
        (("reach", "gtm", "linkedin", "manual"), "of reach"),
    ],
)
def test_a_value_is_that_of_the_first_source_in_order(db: Database, order: Sequence[str], title: str) -> None:
    contact = add_contact(db)
    for source in ("gtm", "reach", "linkedin", "manual"):
        add_answer(db, contact, source, title=f"of {source}")
    assert merged(db, order)[contact]["title"] == title


@pytest.mark.parametrize(
    ("survivorship", "title", "email"),
    [
        ("source_order", "of gtm", "gtm@acme.example"),
        ("newest", "of linkedin", "apollo@acme.example"),
        ("highest_confidence", "of gtm", "gtm@acme.example"),
    ],
)
def test_survivorship_says_whose_value_is_taken(db: Database, survivorship: Survivorship, title: str, email: str) -> None:
    contact = add_contact(db)
    add_answer(db, contact, "gtm", title="of gtm", work_email="gtm@acme.example")
    add_answer(db, contact, "apollo", title="of apollo", work_email="apollo@acme.example", answered_at=MAY, confidence=0.7)
    add_answer(db, contact, "linkedin", title="of linkedin", answered_at=JUNE)
    row = merged(db, survivorship=survivorship)[contact]
    assert (row["title"], row["work_email"]) == (title, email)


def test_of_providers_the_surest_may_count(db: Database) -> None:
    contact = add_contact(db)
    add_answer(db, contact, "reach", title="of reach", country="DE", confidence=0.7, answered_at=JUNE)
    add_answer(db, contact, "hunter", title="of hunter", confidence=0.9)
    add_answer(db, contact, "apollo", title="of apollo", country="FR", confidence=0.7)
    row = merged(db, survivorship="highest_confidence")[contact]
    assert (row["title"], row["country"]) == ("of hunter", "DE")


@pytest.mark.parametrize("survivorship", ["newest", "highest_confidence"])
def test_what_a_person_entered_comes_first_and_an_address_that_does_not_work_last(db: Database, survivorship: Survivorship) -> None:
    contact = add_contact(db)
    add_answer(db, contact, "manual", title="entered", confidence=0.6)
    add_answer(db, contact, "reach", title="of reach", work_email="dead@acme.example", email_status="invalid", answered_at=JUNE)
    add_answer(db, contact, "apollo", work_email="robin@acme.example", confidence=0.7)
    row = merged(db, survivorship=survivorship)[contact]
    assert (row["title"], row["work_email"]) == ("entered", "robin@acme.example")


@pytest.mark.parametrize(
    ("survivorship", "industry"), [("source_order", "of reach"), ("newest", "of hunter"), ("highest_confidence", "of apollo")]
)
def test_survivorship_holds_for_what_colleagues_tell_of_a_company(db: Database, survivorship: Survivorship, industry: str) -> None:
    company = add_company(db, domain="acme.example")
    colleagues = [add_contact(db, company_id=company) for _ in range(3)]
    told = [("reach", 0.7, MAY), ("hunter", 0.6, JUNE), ("apollo", 0.9, LONG_AGO)]
    for contact, (source, confidence, answered_at) in zip(colleagues, told, strict=True):
        about = {"company_domain": "acme.example", "industry": f"of {source}"}
        add_answer(db, contact, source, confidence=confidence, answered_at=answered_at, **about)
    assert {row["industry"] for row in merged(db, survivorship=survivorship).values()} == {industry}


def test_a_source_outside_the_order_comes_last(db: Database) -> None:
    contact = add_contact(db)
    add_answer(db, contact, "another", title="of another", country="DE")
    add_answer(db, contact, "linkedin", title="of linkedin")
    row = merged(db)[contact]
    assert (row["title"], row["country"]) == ("of linkedin", "DE")


def test_a_source_that_does_not_know_leaves_it_to_the_next(db: Database) -> None:
    contact = add_contact(db)
    add_answer(db, contact, "gtm", title="VP Sales")
    add_answer(db, contact, "reach", work_phone="+1 415 555 0100", confidence=0.9, answered_at=JUNE)
    row = merged(db)[contact]
    assert (row["title"], row["work_phone"]) == ("VP Sales", "+1 415 555 0100")
    assert row["sources"] == {"title": ["gtm", "2026-01-02"], "work_phone": ["reach", "2026-06-07"]}


def test_an_answer_of_low_confidence_is_kept_and_not_used(db: Database) -> None:
    contact = add_contact(db)
    add_answer(db, contact, "reach", title="VP Sales", work_email="other@acme.example", confidence=0.5)
    row = merged(db)[contact]
    assert (row["title"], row["work_email"], row["sources"]) == (None, None, {})
    assert db.table("contact_enrichment").count == 1


def test_of_one_source_the_newest_answer_holds(db: Database) -> None:
    survivor = add_contact(db)
    former = add_contact(db, merged_into=survivor)
    add_answer(db, survivor, "gtm", title="VP Sales", country="US", answered_at=LONG_AGO)
    add_answer(db, former, "gtm", title="CRO", answered_at=JUNE)
    row = merged(db)[survivor]
    assert (row["title"], row["country"]) == ("CRO", "US")
    assert row["sources"]["title"] == ["gtm", "2026-06-07"]


def test_the_companys_facts_are_those_of_the_workbooks_where_they_have_any(db: Database) -> None:
    company = add_company(db, name="Acme Labs", domain="acme.example", employee_count=620, updated_at=JUNE)
    contact = add_contact(db, company_id=company)
    add_answer(db, contact, "reach", company_domain="acme.example", employee_count=9, growth_rate=0.25, industry="Software", confidence=0.9)
    row = merged(db)[contact]
    assert (row["employee_count"], row["growth_rate"], row["industry"], row["company_name"]) == (620, 0.25, "Software", "Acme Labs")
    assert row["sources"]["employee_count"] == ["gtm", "2026-06-07"]
    assert row["sources"]["growth_rate"] == ["reach", "2026-01-02"]


def test_a_company_that_only_exports_name_gives_way_to_reach(db: Database) -> None:
    company = add_company(db, name="Acme", domain=None)
    contact = add_contact(db, company_id=company)
    add_answer(db, contact, "reach", company_name="Acme Labs Inc.", company_domain="acme.example", confidence=0.9)
    row = merged(db)[contact]
    assert (row["company_name"], row["company_domain"], row["sources"]["company_name"][0]) == ("Acme Labs Inc.", "acme.example", "reach")


JOB = {
    "title": "CRO",
    "work_email": "robin@rival.example",
    "work_phone": "+1 415 555 0199",
    "industry": "Mining",
    "employee_count": 9,
    "revenue_range": "$1M",
    "growth_rate": -0.5,
    "confidence": 0.99,
}


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ({"domain": "acme.example"}, {"company_domain": "rival.example"}),
        ({"domain": "acme.example"}, {"company_domain": "rival.example", "company_name": "Acme Labs"}),
        ({"domain": None}, {"company_name": "Rival"}),
        ({"domain": None}, {"company_name": "Labs", "company_domain": "rival.example"}),
        ({"domain": "acme.example"}, {"company_name": "Rival Acme"}),
    ],
)
def test_what_a_provider_says_of_a_job_elsewhere_is_left_out(db: Database, own: dict[str, object], theirs: dict[str, object]) -> None:
    """The person's own facts stay: somebody who moved keeps the profile, the country and the mobile telephone."""
    contact = add_contact(db, company_id=add_company(db, name="Acme Labs", **own))
    person = {"mobile_phone": "+1 415 555 0100", "country": "US", "time_zone": "America/New_York", "reach_id": "rch_1"}
    add_answer(db, contact, "reach", **JOB, **theirs, **person)
    row = merged(db)[contact]
    assert {name: row[name] for name in JOB if name != "confidence"} == dict.fromkeys(JOB.keys() - {"confidence"})
    assert (row["company_name"], row["company_domain"]) == ("Acme Labs", own["domain"])
    assert {name: row[name] for name in person} == person


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ({"domain": "acme.example"}, {"company_domain": "acme.example", "company_name": "Something else"}),
        ({"domain": "acme.example"}, {"company_name": "ACME labs, Inc."}),
        ({"domain": None}, {"company_name": "Acme", "company_domain": "acme.example"}),
        ({"domain": None}, {"company_name": "Acmé Labs Inc."}),
        ({"domain": "acme.example"}, {}),
    ],
)
def test_what_it_says_of_the_same_job_is_taken(db: Database, own: dict[str, object], theirs: dict[str, object]) -> None:
    contact = add_contact(db, company_id=add_company(db, name="Acme Labs", **own))
    add_answer(db, contact, "reach", **JOB, **theirs)
    row = merged(db)[contact]
    assert {name: row[name] for name in JOB if name != "confidence"} == {name: JOB[name] for name in JOB if name != "confidence"}


def test_a_contact_without_a_company_takes_the_job_it_is_told(db: Database) -> None:
    contact = add_contact(db)
    add_answer(db, contact, "reach", **JOB, company_name="Rival", company_domain="rival.example")
    row = merged(db)[contact]
    assert (row["title"], row["company_name"], row["employee_count"]) == ("CRO", "Rival", 9)


def test_a_complete_profile_has_either_telephone_number(db: Database) -> None:
    company = add_company(db, industry="Software", employee_count=620, growth_rate=0.25)
    facts = {"title": "CRO", "work_email": "robin@acme.example", "linkedin_url": "https://www.linkedin.com/in/robin"}
    phones: list[dict[str, object]] = [{}, {"work_phone": "1"}, {"mobile_phone": "2"}, {"work_phone": "1", "mobile_phone": "2"}]
    contacts = [add_contact(db, company_id=company) for _ in phones]
    for contact, numbers in zip(contacts, phones, strict=True):
        add_answer(db, contact, "gtm", **facts, **numbers)
    rows = merged(db)
    assert [rows[contact]["profile_completeness"] for contact in contacts] == [88, 100, 100, 100]


known = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(["x", "y"]) for name in FIELDS if name not in ("employee_count", "growth_rate")},
        "employee_count": st.integers(0, 10**6),
        "growth_rate": st.floats(-1, 5) | st.integers(-1, 1),
        "answered_at": st.sampled_from([LONG_AGO, JUNE]),
    },
)
people = st.lists(st.dictionaries(st.sampled_from(["gtm", "reach", "linkedin", "manual", "another"]), known), max_size=5)


@given(people=people, order=st.permutations(ORDER))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_value_comes_from_the_first_source_that_knows_it(
    db: Database, people: list[dict[str, dict[str, Any]]], order: list[str]
) -> None:
    for table in ("enriched_contacts", "contact_enrichment", "contacts"):
        db.conn.execute(f"DELETE FROM {table}")
    told = {add_contact(db): sources for sources in people}
    for contact, sources in told.items():
        for source, values in sources.items():
            add_answer(db, contact, source, **values)
    rows = merged(db, order)
    assert list(rows) == list(told)
    for contact, sources in told.items():
        row = rows[contact]
        for name in FIELDS:
            first = next((source for source in [*order, "another"] if name in sources.get(source, {})), None)
            assert row[name] == (sources[first][name] if first else None)
            date = sources[first].get("answered_at", LONG_AGO)[:10] if first else None
            assert row["sources"].get(name) == ([first, date] if first else None)
        complete = [*(row[name] for name in COMPLETE_FIELDS), row["work_phone"] or row["mobile_phone"]]
        assert row["profile_completeness"] == round(100 * sum(value is not None for value in complete) / len(complete))


class TestColleagues:
    def staff(self, db: Database, count: int = 3, **changed: object) -> list[int]:
        company = add_company(db, name="Acme Labs", domain="acme.example", **changed)
        return [add_contact(db, company_id=company) for _ in range(count)]

    def test_what_an_answer_says_of_the_company_counts_for_all_who_work_there(self, db: Database) -> None:
        first, *others = self.staff(db)
        stranger = add_contact(db, company_id=add_company(db))
        facts = {"industry": "Software", "employee_count": 620, "growth_rate": 0.25, "revenue_range": "75M"}
        add_answer(db, first, "reach", company_domain="acme.example", title="CRO", confidence=0.9, answered_at=JUNE, **facts)
        rows = merged(db)
        for contact in (first, *others):
            assert {name: rows[contact][name] for name in facts} == facts
            assert {name: rows[contact]["sources"][name] for name in facts} == {name: ["reach", "2026-06-07"] for name in facts}
        assert [rows[contact]["title"] for contact in (first, *others)] == ["CRO", None, None]
        assert rows[stranger]["industry"] is None
        # the company's name and three of the four facts
        assert [rows[contact]["profile_completeness"] for contact in others] == [round(100 * 4 / 8)] * 2

    def test_the_first_source_counts_then_the_surest_then_the_newest(self, db: Database) -> None:
        people = self.staff(db, 5)
        told = [("hunter", 0.99, JUNE, 1), ("reach", 0.7, JUNE, 2), ("reach", 0.9, LONG_AGO, 3), ("reach", 0.9, JUNE, 4)]
        for contact, (source, confidence, at, count) in zip(people, told, strict=False):
            add_answer(db, contact, source, company_domain="acme.example", employee_count=count, confidence=confidence, answered_at=at)
        assert {row["employee_count"] for row in merged(db).values()} == {4}

    @pytest.mark.parametrize("named", [{}, {"company_domain": "rival.example"}, {"company_name": "Rival"}])
    def test_an_answer_that_is_not_about_the_company_tells_colleagues_nothing(self, db: Database, named: dict[str, object]) -> None:
        first, second = self.staff(db, 2)
        add_answer(db, first, "reach", employee_count=9, confidence=0.9, **named)
        assert merged(db)[second]["employee_count"] is None

    def test_a_workbooks_facts_stay(self, db: Database) -> None:
        first, second = self.staff(db, 2, employee_count=620)
        add_answer(db, first, "reach", company_domain="acme.example", employee_count=9, industry="Software", confidence=0.9)
        row = merged(db)[second]
        assert (row["employee_count"], row["industry"], row["sources"]["employee_count"][0]) == (620, "Software", "gtm")


class TestEmailStatus:
    def test_it_is_that_of_the_address_that_is_taken_with_its_own_source_and_age(self, db: Database) -> None:
        contact = add_contact(db)
        add_answer(db, contact, "gtm", work_email="robin@acme.example")
        add_answer(db, contact, "apollo", work_email="other@acme.example", email_status="verified", confidence=0.95)
        add_answer(db, contact, "hunter", work_email="Robin@acme.example", email_status="risky", confidence=0.2, answered_at=JUNE)
        row = merged(db)[contact]
        assert (row["work_email"], row["email_status"]) == ("robin@acme.example", "risky")
        assert (row["sources"]["work_email"], row["sources"]["email_status"]) == (["gtm", "2026-01-02"], ["hunter", "2026-06-07"])

    def test_an_address_that_does_not_work_gives_way_to_any_other(self, db: Database) -> None:
        contact, alone = add_contact(db), add_contact(db)
        for one in (contact, alone):
            add_answer(db, one, "gtm", work_email="robin@acme.example")
            add_answer(db, one, "hunter", work_email="robin@acme.example", email_status="invalid", confidence=0.0)
        add_answer(db, contact, "linkedin", work_email="robin@home.example")
        rows = merged(db)
        assert (rows[contact]["work_email"], rows[contact]["email_status"]) == ("robin@home.example", None)
        assert (rows[alone]["work_email"], rows[alone]["email_status"]) == ("robin@acme.example", "invalid")

    def test_the_newest_word_about_an_address_holds(self, db: Database) -> None:
        contact = add_contact(db)
        add_answer(db, contact, "gtm", work_email="robin@acme.example")
        add_answer(db, contact, "apollo", work_email="robin@acme.example", email_status="invalid", answered_at=LONG_AGO)
        add_answer(db, contact, "hunter", work_email="robin@acme.example", email_status="verified", answered_at=JUNE)
        row = merged(db)[contact]
        assert (row["work_email"], row["email_status"], row["sources"]["email_status"][0]) == ("robin@acme.example", "verified", "hunter")

    def test_what_a_person_entered_stays(self, db: Database) -> None:
        contact = add_contact(db)
        add_answer(db, contact, "manual", work_email="robin@acme.example")
        add_answer(db, contact, "hunter", work_email="robin@acme.example", email_status="invalid")
        add_answer(db, contact, "reach", work_email="other@acme.example", confidence=0.9)
        row = merged(db)[contact]
        assert (row["work_email"], row["email_status"]) == ("robin@acme.example", "invalid")
