"""Providers in whole runs: what is stored, who is asked, what is disclosed."""

import json
import logging
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import dagster as dg
import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.enrichment import assets, store
from liendea_assets.enrichment.providers.http_provider import HttpProvider
from liendea_assets.enrichment.providers.load import ProviderFile
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.run import enrich
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.unusable import UnusableProvider
from liendea_assets.resources import open_providers
from liendea_assets_tests.clients.servers import Scripted
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.apollo_server import Apollo
from liendea_assets_tests.enrichment.providers.apollo_server import create_app as apollo_app
from liendea_assets_tests.enrichment.providers.hunter_server import Hunter, create_app
from liendea_assets_tests.enrichment.providers.serving import KEY, provider_of, read_file
from liendea_assets_tests.enrichment.rows import add_answer, add_company, add_contact, answers

SETTINGS = EnrichmentSettings()
HUNTER = read_file("hunter")


def run(db: Database, provider: HttpProvider, clock: VirtualClock, settings: EnrichmentSettings = SETTINGS) -> EnrichmentReport:
    return enrich(db, provider, settings, clock, lambda done, total, left_s: None)


def allowing(file: ProviderFile, **changed: object) -> ProviderFile:
    """The file with some settings changed."""
    return replace(file, settings=file.settings.model_copy(update=changed))


def add_robin(db: Database, **changed: Any) -> int:
    known = next(db.table("companies").rows_where("domain = 'acmelabs.example'"), None)
    company = known["id"] if known else add_company(db, name="Acme Labs", domain="acmelabs.example")
    return add_contact(db, first_name="Robin", last_name="Weaver", company_id=company, **changed)


def test_an_answer_that_does_not_fit_is_kept_as_a_reason_and_a_hash(db: Database, clock: VirtualClock) -> None:
    contact = add_robin(db)
    page = "<html>Robin Weaver, please come back later</html>"
    with provider_of(Scripted(PlainTextResponse(page)), HUNTER, db, clock) as provider:
        report = run(db, provider, clock)
    row = answers(db, "hunter")[contact]
    assert (report.rejected, row["outcome"], row["cost"], row["answer_hash"]) == (1, "rejected", 0.0, sha256(page.encode()).hexdigest())
    assert "Robin" not in row["reason"]
    assert [name for name in ("work_email", "title", "company_name") if row[name] is not None] == []


def test_who_has_all_that_is_wanted_is_not_asked_about(db: Database, clock: VirtualClock) -> None:
    """Credits go to those who lack something."""
    complete, lacking = add_robin(db), add_robin(db)
    add_answer(db, complete, "gtm", work_email="robin@acmelabs.example")
    add_answer(db, complete, "apollo", work_email="robin@acmelabs.example", email_status="verified")
    server = Hunter()
    with provider_of(create_app(server), HUNTER, db, clock) as provider:
        report = run(db, provider, clock)
    assert (report.due, list(answers(db, "hunter")), len(server.asked)) == (1, [lacking], 1)


@pytest.mark.parametrize(
    ("of_file", "of_all", "operation"),
    [(False, False, "/v2/email-finder"), (True, False, "/v2/email-verifier"), (False, True, "/v2/email-verifier")],
)
def test_an_address_of_an_export_is_disclosed_only_where_it_is_allowed_and_counted(
    db: Database, clock: VirtualClock, caplog: pytest.LogCaptureFixture, of_file: bool, of_all: bool, operation: str
) -> None:
    contact = add_robin(db)
    add_answer(db, contact, "linkedin", work_email="robin@home.example")
    server = Hunter()
    server.found = {**server.found, "email": None}
    file = allowing(HUNTER, disclose_linkedin_email=of_file, wanted=())
    with provider_of(create_app(server), file, db, clock) as provider, caplog.at_level(logging.INFO):
        run(db, provider, clock, EnrichmentSettings(disclose_linkedin_email=of_all))
    assert server.asked[-1][0] == operation
    assert ("robin@home.example" in str(server.asked)) == (of_file or of_all)
    told = [record.getMessage() for record in caplog.records if "disclosed" in record.getMessage()]
    assert told == (["hunter: 1 e-mail addresses from LinkedIn exports are disclosed to it, of 1 people"] if of_file or of_all else [])
    for leaked in ("robin@home", quote("robin@home", safe=""), KEY):
        assert leaked not in caplog.text


def test_nothing_is_sent_that_the_file_does_not_disclose(db: Database, clock: VirtualClock) -> None:
    add_answer(db, add_robin(db), "gtm", work_email="robin@acmelabs.example")
    app = Scripted(JSONResponse({"data": {"email": None, "score": None}}))
    with provider_of(app, allowing(HUNTER, disclose=("first_name", "last_name", "domain"), wanted=()), db, clock) as provider:
        run(db, provider, clock)
    assert [asked.query for asked in app.asked] == [{"first_name": "Robin", "last_name": "Weaver", "domain": "acmelabs.example"}]


def test_a_source_may_have_its_own_line_of_acceptance(db: Database) -> None:
    contact = add_contact(db)
    add_answer(db, contact, "hunter", confidence=0.65, work_email="robin@acme.example")
    add_answer(db, contact, "reach", confidence=0.65, reach_id="rch_1")
    assert set(store.read_answers(db, 0.6)["source"]) == {"hunter", "reach"}
    assert set(store.read_answers(db, 0.6, {"hunter": 0.7})["source"]) == {"reach"}
    assert set(store.read_answers(db, 0.7, {"hunter": 0.5})["source"]) == {"hunter"}
    assert store.read_reach_ids(db, 0.6, {"reach": 0.7}) == []


def test_ten_people_in_a_row_who_were_rejected_end_the_run(db: Database, clock: VirtualClock) -> None:
    for _ in range(30):
        add_robin(db)
    app = Scripted(*[PlainTextResponse("<html>")] * 30)
    with provider_of(app, HUNTER, db, clock) as provider:
        report = run(db, provider, clock)
    assert (len(app.asked), report.rejected) == (10, 10)
    assert str(report.stopped).startswith("10 batches in a row were rejected")


class TestConfigured:
    def test_nobody_is_asked_without_an_address(self, home: Home, clock: VirtualClock) -> None:
        with open_providers(home, clock) as configured:
            assert configured == ()

    def test_those_with_an_address_are_asked_in_the_wanted_order(
        self, home: Home, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HUNTER", "APOLLO"):
            monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:9")
            monkeypatch.setenv(f"{name}_API_KEY", "k")
        with open_providers(home, clock) as configured:
            assert [provider.name for provider in configured] == ["apollo", "hunter"]
            assert [provider.batch_size for provider in configured] == [10, 1]

    def test_a_secret_that_is_missing_is_told_by_its_name(self, home: Home, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUNTER_BASE_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("APOLLO_BASE_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("APOLLO_API_KEY", "k")
        with open_providers(home, clock) as (apollo, hunter):
            assert isinstance(apollo, HttpProvider)
            assert isinstance(hunter, UnusableProvider)
            assert "HUNTER_BASE_URL is set and HUNTER_API_KEY is not" in str(hunter.problem)
            with pytest.raises(SettingsError, match="HUNTER_API_KEY"):
                hunter.look_up([])

    def test_a_sandbox_that_nobody_started_is_told(self, home: Home, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("APOLLO_BASE_URL", "sandbox")
        with open_providers(home, clock) as (apollo,):
            assert isinstance(apollo, UnusableProvider)
            assert "APOLLO_BASE_URL is sandbox" in str(apollo.problem)


def test_one_that_cannot_be_opened_is_told_and_the_others_are_asked(
    home: Home, db: Database, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    robin = add_robin(db, linkedin_id="robin-weaver")
    monkeypatch.setenv("APOLLO_BASE_URL", "http://127.0.0.1:9")
    server = Hunter()
    with (
        open_providers(home, clock) as (apollo,),
        provider_of(create_app(server), HUNTER, db, clock) as hunter,
        dg.build_asset_context() as context,
    ):
        result = assets.contact_enrichment(context, home=home, database=db, clock=clock, providers=(apollo, hunter))
    assert isinstance(result, dg.MaterializeResult)
    (check,) = result.check_results
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert list(check.metadata) == ["apollo"]
    assert "APOLLO_BASE_URL is set and APOLLO_API_KEY is not" in str(check.metadata["apollo"].value)
    assert list(answers(db, "hunter")) == [robin]


def test_the_asset_asks_several_providers_in_turn_and_sums_up_what_they_cost(home: Home, db: Database, clock: VirtualClock) -> None:
    """Who was found by the first has all that the second is asked for."""
    robin, other = add_robin(db, linkedin_id="robin-weaver"), add_robin(db, linkedin_id="p2")
    apollo, hunter = Apollo(), Hunter()
    with (
        provider_of(apollo_app(apollo), read_file("apollo"), db, clock) as first,
        provider_of(create_app(hunter), HUNTER, db, clock) as second,
        dg.build_asset_context() as context,
    ):
        result = assets.contact_enrichment(context, home=home, database=db, clock=clock, providers=(first, second))
        merged = assets.enriched_contacts(home=home, database=db)
    assert isinstance(result, dg.MaterializeResult)
    assert isinstance(merged, dg.MaterializeResult)
    assert result.metadata is not None
    counts = {name: result.metadata[name] for name in ("apollo_hit", "apollo_miss", "hunter_hit", "asked_now", "credits_now")}
    assert counts == {"apollo_hit": 1, "apollo_miss": 1, "hunter_hit": 1, "asked_now": 3, "credits_now": 2.0}
    assert list(answers(db, "hunter")) == [other]
    sources = {row["contact_id"]: json.loads(row["sources"])["work_email"][0] for row in db.table("enriched_contacts").rows}
    assert sources == {robin: "apollo", other: "hunter"}
    assert "robin.weaver@" not in str(result)
