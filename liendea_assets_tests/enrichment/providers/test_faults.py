"""Each fault of the sandbox against Reach as it ships: answered all the same, rejected with a reason, or stopped with one; never wrongly."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from liendea_assets.core.errors import LimitReached, QuotaGone, ServiceUnavailable, SettingsError
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery, ProviderAnswer
from liendea_assets.enrichment.providers.http_provider import HttpProvider
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.run import enrich
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.sandbox.fault_plan import parse_plan
from liendea_assets.sandbox.faults import FAULTS
from liendea_assets.sandbox.misbehaving import Misbehaving, Tally
from liendea_assets.sandbox.reach_server import TOKEN, create_app, sample_people
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import reach_at
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.serving import outcomes, provider_at, written_file
from liendea_assets_tests.imports.stage import import_inbox

ROOT = Path(__file__).parents[3]
PEOPLE = sample_people()
# what a server says, breaks off or withholds, and a second request mends; as the ledger has it
ASKED_AGAIN = {
    "throttle": "status 429",
    "throttle_date": "status 429",
    "throttle_silent": "status 429",
    "unavailable": "status 503",
    "error_500": "status 500",
    "error_502": "status 502",
    "error_503": "status 503",
    "reset": "ReadError",
    "reset_midway": "ReadError",
    "hang": "no complete answer within 1.5 s",
    "drip": "no complete answer within 1.5 s",
    "truncated": "RemoteProtocolError",
    "cut_chunks": "RemoteProtocolError",
}
REJECTED = {
    "malformed": "reach: the answer is not proper JSON",
    "empty": "reach: the answer is not proper JSON",
    "html": "reach: the answer is not proper JSON",
    "wrong_types": "reach: the answer breaks the contract in ",
    "huge": "reach: the answer is larger than ",
    "bomb": "reach: the answer is larger than ",
}
# what is raised, what it says, and whether the next call may be made at once
STOPPED: dict[str, tuple[type[Exception], str]] = {
    "throttle_hour": (LimitReached, r"the server asked for a pause, the next slot is free in 3600 s"),
    "quota": (QuotaGone, r"the quota is used up \(status 402\)"),
    "redirect": (SettingsError, r"does not speak the contract \(status 302\); check REACH_BASE_URL"),
    "token_expired": (SettingsError, r"refuses the credentials \(status 401\); check REACH_API_TOKEN"),
    "token_revoked": (SettingsError, r"refuses the credentials \(status 401\); check REACH_API_TOKEN"),
    "storm": (ServiceUnavailable, r"no answer in 3 attempts \(the last one: status 429\)"),
}
BATCHES = {"short_batch", "strangers"}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The client and what its server counted."""

    reach: HttpProvider
    tally: Tally

    def ask(self, *numbers: int) -> list[ProviderAnswer]:
        """Asks about these of the sample's people at once."""
        return self.reach.look_up([PersonQuery(number, reach_id=PEOPLE[number]["person"]["reach_id"]) for number in numbers])


@contextmanager
def sandbox(db: Database, clock: VirtualClock, plan: str, deadline_s: float = 5.0) -> Iterator[Sandbox]:
    app = Misbehaving(create_app(PEOPLE, [(60, 1_000)]), parse_plan(plan, "plan"))
    with serving(app) as url, reach_at(url, db, clock, deadline_s=deadline_s) as reach:
        yield Sandbox(reach, app.tally)


@pytest.fixture(autouse=True)
def _nobody_is_told_of(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    shown = caplog.text.casefold()
    assert TOKEN not in shown
    for match in PEOPLE[:5]:
        for field in ("reach_id", "work_email", "last_name", "linkedin_url"):
            assert not match["person"][field] or match["person"][field].casefold() not in shown


def is_right(answer: ProviderAnswer) -> bool:
    """Whether it is about whom it should be, with what the sandbox knows."""
    known = PEOPLE[answer.contact_id]
    return (answer.outcome, answer.confidence, answer.values["reach_id"], answer.values.get("title")) == (
        "hit",
        known["confidence"],
        known["person"]["reach_id"],
        known["person"]["title"],
    )


def test_every_fault_is_tried_here() -> None:
    assert set(FAULTS) == set(ASKED_AGAIN) | set(REJECTED) | set(STOPPED) | BATCHES


@pytest.mark.parametrize("numbers", [(0,), (0, 1, 2)], ids=["single", "batch"])
@pytest.mark.parametrize("fault", ASKED_AGAIN)
def test_what_passes_is_asked_again_and_answered(db: Database, clock: VirtualClock, fault: str, numbers: tuple[int, ...]) -> None:
    with sandbox(db, clock, f"{fault}@1", deadline_s=1.5 if fault in ("hang", "drip") else 5.0) as given:
        found = given.ask(*numbers)
    assert all(is_right(answer) for answer in found)
    assert [answer.contact_id for answer in found] == list(numbers)
    assert [outcome for _, _, outcome in outcomes(db)] == [ASKED_AGAIN[fault], "status 200"]
    assert (given.tally.arrivals, given.tally.faults) == (2, {fault: 1})


@pytest.mark.parametrize("numbers", [(0,), (0, 1, 2)], ids=["single", "batch"])
@pytest.mark.parametrize("fault", REJECTED)
def test_nonsense_is_rejected_with_its_reason_and_costs_one_call(
    db: Database, clock: VirtualClock, fault: str, numbers: tuple[int, ...]
) -> None:
    with sandbox(db, clock, f"{fault}@1") as given:
        try:
            bad = given.ask(*numbers)
        finally:
            assert given.tally.arrivals == len(outcomes(db)) == 1
        good = given.ask(*numbers)
    assert {(answer.outcome, tuple(answer.values), answer.cost) for answer in bad} == {("rejected", (), 0.0)}
    assert all(str(answer.reason).startswith(REJECTED[fault]) for answer in bad)
    assert all(is_right(answer) for answer in good)


@pytest.mark.parametrize("fault", STOPPED)
def test_what_does_not_pass_stops_with_a_reason_and_is_not_asked_on(db: Database, clock: VirtualClock, fault: str) -> None:
    kind, text = STOPPED[fault]
    calls = 3 if fault == "storm" else 1
    with sandbox(db, clock, f"{fault}@1") as given:
        with pytest.raises(kind, match=text) as caught:
            given.ask(0, 1, 2)
        assert given.tally.arrivals == len(outcomes(db)) == calls
        if fault in ("throttle_hour", "quota"):
            # for an hour nobody asks, and then somebody does
            with pytest.raises(LimitReached):
                given.ask(0)
            assert given.tally.arrivals == calls
            clock.sleep(3_601)
            assert is_right(given.ask(0)[0])
    assert PEOPLE[0]["person"]["reach_id"] not in str(caught.value)


def test_after_a_storm_all_is_as_before(db: Database, clock: VirtualClock) -> None:
    with sandbox(db, clock, "storm@1") as given:
        for _ in range(2):
            with pytest.raises(ServiceUnavailable):
                given.ask(0)
        assert is_right(given.ask(0)[0])
    assert (given.tally.arrivals, given.tally.faults) == (7, {"storm": 6})


def test_of_a_short_batch_nobody_gets_the_answer_of_another(db: Database, clock: VirtualClock) -> None:
    """By the contract who was not found is left out, so the others are misses, and cost nothing."""
    with sandbox(db, clock, "short_batch@1") as given:
        found = given.ask(*range(8))
    hits = [answer for answer in found if answer.outcome == "hit"]
    assert (len(hits), all(is_right(answer) for answer in hits)) == (4, True)
    assert {(answer.outcome, answer.cost) for answer in found if answer not in hits} == {("miss", 0.0)}


def test_answers_about_strangers_are_left_out(db: Database, clock: VirtualClock) -> None:
    with sandbox(db, clock, "strangers@1") as given:
        found = given.ask(*range(8))
    assert [answer.contact_id for answer in found] == list(range(8))
    assert all(is_right(answer) for answer in found)


class TestExpiringToken:
    """Reach behind OAuth2 instead of a token that never changes."""

    @pytest.fixture
    def ask(self, tmp_path: Path, db: Database, clock: VirtualClock) -> Any:
        text = (ROOT / "config" / "providers" / "reach.yaml").read_text(encoding="utf-8")
        oauth2 = "auth: {kind: oauth2, client_id: REACH_CLIENT, secret: REACH_API_TOKEN, token_path: /v1/token}"
        text = text.replace("auth: {kind: bearer, secret: REACH_API_TOKEN}", oauth2)
        text = text.replace("limits: {key: reach}", "limits: {key: reach, windows: [{seconds: 60, requests: 1000}]}")
        file = written_file(tmp_path, "reach", text)

        def ask(plan: str) -> tuple[list[bool], Tally]:
            app = Misbehaving(create_app(PEOPLE, [(60, 1_000)]), parse_plan(plan, "plan"))
            secrets = {"REACH_CLIENT": "client", "REACH_API_TOKEN": TOKEN}
            with serving(app) as url, provider_at(url, file, db, clock, secrets=secrets) as reach:
                given = Sandbox(reach, app.tally)
                return [is_right(given.ask(number)[0]) for number in range(3)], app.tally

        return ask

    def test_one_that_expires_half_way_is_renewed_once(self, ask: Any, db: Database) -> None:
        assert ask("token_expired@3")[0] == [True] * 3
        actions = ["token", "match", "match", "token", "match", "match"]
        assert [(action, outcome) for _, action, outcome in outcomes(db)] == [
            (action, "status 401" if number == 2 else "status 200") for number, action in enumerate(actions)
        ]

    def test_one_that_is_revoked_stops_with_a_reason(self, ask: Any, db: Database) -> None:
        with pytest.raises(SettingsError, match=r"no token \(status 401\); check REACH_CLIENT and REACH_API_TOKEN"):
            ask("token_revoked@3")
        assert [action for _, action, _ in outcomes(db)] == ["token", "match", "match", "token"]


# a deadline that a busy machine keeps is a long wait for what hangs, so that does so once; a storm ends two runs
MIX = """
    hang@25, drip@60, storm@40, throttle:0.01, throttle_date:0.01, throttle_silent:0.01, unavailable:0.01, error_500:0.01, error_502:0.01,
    reset:0.01, reset_midway:0.01, truncated:0.01, cut_chunks:0.01, malformed:0.02, html:0.02, wrong_types:0.02, huge:0.01, strangers:0.04
"""
SETTINGS = EnrichmentSettings(batch_size=5)
ANSWERS = """
    SELECT contact_id, outcome, confidence, reach_id, work_email, title, industry, employee_count
    FROM contact_enrichment WHERE source = 'reach' ORDER BY contact_id
"""


def run(db: Database, reach: HttpProvider, clock: VirtualClock) -> EnrichmentReport:
    return enrich(db, reach, SETTINGS, clock, lambda _done, _total, _left_s: None)


def answers(db: Database) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.conn.execute(ANSWERS)]


def test_the_sample_is_enriched_through_a_mix_of_faults_as_without_any(sample_home: Home, db: Database, clock: VirtualClock) -> None:
    import_inbox(sample_home, db, clock)
    with sandbox(db, clock, "") as honest:
        run(db, honest.reach, clock)
    wanted, calls = answers(db), honest.tally.arrivals
    assert {outcome for _, outcome, *_ in wanted} == {"hit", "miss"}
    db.conn.execute("DELETE FROM contact_enrichment WHERE source = 'reach'")
    clock.sleep(86_400)

    before, runs = len(outcomes(db)), 0
    with sandbox(db, clock, MIX, deadline_s=1.5) as given:
        while answers(db) != wanted:
            runs += 1
            assert runs <= 6
            run(db, given.reach, clock)
            right = set(wanted)
            # never is there an answer that is not the right one
            assert all(row in right for row in answers(db) if row[1] != "rejected")
            # who was rejected is asked about again after a day
            clock.sleep(86_401)
    found = outcomes(db)[before:]
    assert given.tally.arrivals == len(found)
    assert given.tally.violations == 0
    assert given.tally.faults.total() >= 10
    assert {"in flight"}.isdisjoint(outcome for _, _, outcome in found)
    # nobody was asked again who had been answered: what was added is the faults and the batches that they made smaller
    assert given.tally.arrivals <= calls + 2 * given.tally.faults.total()
