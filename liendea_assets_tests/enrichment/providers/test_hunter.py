from dataclasses import replace

import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets.enrichment.run import enrich
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.hunter_server import FOUND, Hunter, create_app
from liendea_assets_tests.enrichment.providers.serving import ROBIN, outcomes, provider_of, read_file, stranger
from liendea_assets_tests.enrichment.rows import add_answer, add_company, add_contact

FILE = read_file("hunter")
# the finder is for those of whom no address is known
SOUGHT = replace(ROBIN, email="")
UNNAMED = PersonQuery(3, email="robin.weaver@acmelabs.example")


def test_a_hit_is_mapped_with_its_score(db: Database, clock: VirtualClock) -> None:
    server = Hunter()
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([SOUGHT])
    assert (answer.outcome, answer.confidence, answer.cost) == ("hit", 0.97, 1.0)
    assert answer.values == {
        "work_email": "robin.weaver@acmelabs.example",
        "email_status": "verified",
        "title": "VP Sales",
        "company_name": "Acme Labs",
        "company_domain": "acmelabs.example",
    }
    query = {"domain": "acmelabs.example", "company": "Acme Labs", "first_name": "Robin", "last_name": "Weaver"}
    assert server.asked == [("/v2/email-finder", query)]


def test_nobody_found_is_a_miss_that_costs_nothing(db: Database, clock: VirtualClock) -> None:
    with provider_of(create_app(Hunter()), FILE, db, clock) as provider:
        (answer,) = provider.look_up([stranger(7)])
    assert (answer.outcome, answer.cost) == ("miss", 0.0)


def test_an_operation_is_used_for_what_it_needs(db: Database, clock: VirtualClock) -> None:
    server = Hunter()
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([UNNAMED])
        assert not provider.can_ask(PersonQuery(4, linkedin_url="https://www.linkedin.com/in/x", first_name="Robin"))
    assert (answer.outcome, answer.confidence) == ("hit", 0.91)
    assert [path for path, _ in server.asked] == ["/v2/email-verifier"]


def test_an_address_that_is_known_is_verified_and_none_is_looked_for(db: Database, clock: VirtualClock) -> None:
    server = Hunter()
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert [path for path, _ in server.asked] == ["/v2/email-verifier"]
    assert (answer.outcome, answer.values["email_status"], answer.cost) == ("hit", "verified", 1.0)
    assert [service for service, *_ in outcomes(db)] == ["hunter-verifier"]


def test_of_an_address_that_does_not_work_another_is_looked_for(db: Database, clock: VirtualClock) -> None:
    server = Hunter()
    server.verification = (200, {"status": "invalid", "score": 2, "email": "rw@acmelabs.example"})
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (found,) = provider.look_up([replace(ROBIN, email="rw@acmelabs.example")])
        (nobody,) = provider.look_up([replace(ROBIN, email="rw@acmelabs.example", last_name="Woever")])
    assert [path for path, _ in server.asked] == ["/v2/email-verifier", "/v2/email-finder"] * 2
    assert (found.values["work_email"], found.values["email_status"], found.cost) == ("robin.weaver@acmelabs.example", "verified", 2.0)
    # what was paid for is kept
    assert (nobody.outcome, nobody.values["email_status"], nobody.cost) == ("hit", "invalid", 1.0)


@pytest.mark.parametrize("status", ["invalid", "verified", "risky", "unknown"])
def test_an_address_of_which_somebody_has_spoken_is_not_verified(db: Database, clock: VirtualClock, status: str) -> None:
    server = Hunter()
    with provider_of(create_app(server), FILE, db, clock) as provider:
        provider.look_up([replace(ROBIN, email_status=status)])
        assert not provider.can_ask(replace(UNNAMED, email_status=status))
    assert [path for path, _ in server.asked] == ["/v2/email-finder"]


def run_about_robin(db: Database, clock: VirtualClock, server: Hunter) -> list[str]:
    """The paths that a run asks."""
    with provider_of(create_app(server), FILE, db, clock) as provider:
        enrich(db, provider, EnrichmentSettings(), clock, lambda *told: None)
    return [path for path, _ in server.asked]


def add_robin(db: Database) -> int:
    company = add_company(db, name="Acme Labs", domain="acmelabs.example")
    contact = add_contact(db, first_name="Robin", last_name="Weaver", company_id=company)
    add_answer(db, contact, "gtm", work_email="RWeaver@acmelabs.example")
    return contact


def test_a_run_verifies_an_address_of_which_nobody_has_spoken(db: Database, clock: VirtualClock) -> None:
    add_robin(db)
    server = Hunter()
    assert run_about_robin(db, clock, server) == ["/v2/email-verifier"]


@pytest.mark.parametrize(("status", "asked"), [("invalid", ["/v2/email-finder"]), ("verified", [])])
def test_a_run_does_not_verify_what_another_provider_has_verified(db: Database, clock: VirtualClock, status: str, asked: list[str]) -> None:
    contact = add_robin(db)
    add_answer(db, contact, "apollo", work_email="rweaver@acmelabs.example", email_status=status)
    assert run_about_robin(db, clock, Hunter()) == asked


@pytest.mark.parametrize("status", [202, 222])
def test_a_verification_that_is_under_way_is_pending_and_no_answer_yet(db: Database, clock: VirtualClock, status: int) -> None:
    server = Hunter()
    server.verification = (status, {})
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([UNNAMED])
        assert provider.next_poll_at() is None
    assert answer.outcome == "pending"


def test_an_address_that_does_not_work_is_said_to_be_invalid(db: Database, clock: VirtualClock) -> None:
    server = Hunter()
    server.verification = (200, {"status": "invalid", "score": 2, "email": "robin.weaver@acmelabs.example"})
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([UNNAMED])
    assert (answer.outcome, answer.confidence, answer.values) == (
        "hit", 0.02, {"work_email": "robin.weaver@acmelabs.example", "email_status": "invalid"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "status"),
    [("valid", "verified"), ("accept_all", "risky"), ("disposable", "invalid"), ("unknown", "unknown"), ("a new word", None), (None, None)],
)
def test_the_word_of_the_verification_is_ours(db: Database, clock: VirtualClock, said: str | None, status: str | None) -> None:
    server = Hunter()
    server.found = {**FOUND, "verification": {"status": said}}
    with provider_of(create_app(server), FILE, db, clock) as provider:
        assert provider.look_up([SOUGHT])[0].values.get("email_status") == status


def test_who_asked_not_to_be_found_is_a_miss_and_not_asked_about_again_tomorrow(db: Database, clock: VirtualClock) -> None:
    server = Hunter()
    server.has_objected = True
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([SOUGHT])
    assert (answer.outcome, answer.values, answer.cost, answer.good_for_days) == ("miss", {}, 0.0, 30)
    assert [outcome for *_, outcome in outcomes(db)] == ["status 451"]


def test_a_403_is_throttling_and_waited_out(db: Database, clock: VirtualClock) -> None:
    server = Hunter()
    server.throttles = 2
    began = clock.now()
    with provider_of(create_app(server), FILE, db, clock) as provider:
        assert provider.look_up([SOUGHT])[0].outcome == "hit"
    assert (clock.now() - began).total_seconds() == pytest.approx(10, abs=1)
    assert len(outcomes(db)) == 3


def test_a_429_is_the_quota_and_is_not_tried_again(db: Database, clock: VirtualClock) -> None:
    server = Hunter()
    server.quota = 0
    with provider_of(create_app(server), FILE, db, clock) as provider:
        # another operation has limits of its own: whoever it can be asked about goes on
        for _ in range(2):
            (answer,) = provider.look_up([SOUGHT])
            assert (answer.outcome, "status 429" in (answer.reason or "")) == ("waiting", True)
        assert len(outcomes(db)) == 1
        clock.sleep(86_400)
        server.quota = 1
        assert provider.look_up([SOUGHT])[0].outcome == "hit"


def test_a_key_that_expires_half_way_stops_the_run(db: Database, clock: VirtualClock) -> None:
    server = Hunter()
    server.expires_after = 1
    with provider_of(create_app(server), FILE, db, clock) as provider:
        assert provider.look_up([SOUGHT])[0].outcome == "hit"
        with pytest.raises(SettingsError, match="HUNTER_API_KEY"):
            provider.look_up([SOUGHT])


@pytest.mark.parametrize("changed", [{"score": "97"}, {"score": 101}, {"score": None}, {"email": ["a"]}, {"position": {"name": "VP"}}])
def test_wrong_types_reject_the_answer_whole(db: Database, clock: VirtualClock, changed: dict[str, object]) -> None:
    server = Hunter()
    server.found = {**FOUND, **changed}
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([SOUGHT])
    assert (answer.outcome, answer.values, len(answer.answer_hash or "")) == ("rejected", {}, 64)


def test_both_windows_hold(db: Database, clock: VirtualClock) -> None:
    with provider_of(create_app(Hunter()), FILE, db, clock, max_wait_s=0) as provider:
        for _ in range(15):
            provider.look_up([SOUGHT])
        assert provider.look_up([SOUGHT])[0].outcome == "waiting"
        clock.sleep(1.1)
        assert provider.look_up([SOUGHT])[0].outcome == "hit"
