"""What the sandbox does in Reach's place is not held against Reach."""

import pytest

from liendea_assets import resources
from liendea_assets.cli.services import sandbox_if_wanted
from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.enrichment.provider import PaidProvider, PersonQuery
from liendea_assets.enrichment.providers.load import as_stand_in, read_provider_file
from liendea_assets.enrichment.spending import Purse
from liendea_assets.sandbox.reach_server import sample_people


@pytest.fixture(autouse=True)
def _wanted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a home, which begins without any variable of ours."""
    assert home.config.is_dir()
    monkeypatch.setenv("REACH_BASE_URL", "sandbox")


def allow_no_credits(home: Home) -> None:
    path = home.config / "enrichment.yaml"
    path.write_text(path.read_text().replace("budgets: {}", "budgets: {reach: {credits_per_day: 0, calls_per_day: 0}}"))


def test_its_calls_limits_and_credits_are_its_own(home: Home) -> None:
    allow_no_credits(home)
    known = PersonQuery(1, reach_id=sample_people()[0]["person"]["reach_id"])
    with sandbox_if_wanted(home), resources.open_providers(home, SystemClock()) as (reach,):
        assert isinstance(reach, PaidProvider)
        assert (reach.name, reach.contacts_per_run) == ("reach", None)
        (answer,) = reach.look_up([known])
        limits = load_settings(RateLimits, home, "rate_limits.yaml")
        assert resources.windows_in_force(home)["reach-sandbox"] == limits.sandbox.windows()
    assert answer.outcome == "hit"
    db = resources.open_home_database(home)
    booked = [
        {row["service"] for row in db.table("rate_limit_tracking").rows},
        {row["source"] for row in db.table("provider_spending").rows},
    ]
    counted = [row["payer"] for row in db.table("call_days").rows]
    assert (booked, counted) == ([{"reach-sandbox"}, {"reach-sandbox"}], ["reach-sandbox"])
    assert Purse(db, "reach", SystemClock(), per_day=5).left() == 5
    db.conn.close()


def test_a_pause_that_the_sandbox_asks_for_does_not_stop_reach(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with sandbox_if_wanted(home):
        ledger = resources.open_home_database(home, durable=True)
        limiter = resources.open_limiter(home, ledger, SystemClock(), resources.configured_providers(home), [])
        limiter.block("reach-sandbox", 500, "asked for a pause")
        assert limiter.free_in_s("reach-sandbox") > 400
        assert limiter.free_in_s("reach") == 0
        ledger.conn.close()
    monkeypatch.setenv("REACH_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("REACH_API_TOKEN", "token")
    with resources.open_providers(home, SystemClock()) as (reach,):
        assert isinstance(reach, PaidProvider)
        assert reach.free_in_s() == 0


def test_the_usage_of_limits_shows_it_while_it_runs(home: Home) -> None:
    with sandbox_if_wanted(home):
        assert {"reach-sandbox", "linkedin", "email"} < set(resources.windows_in_force(home))
    assert "reach-sandbox" not in resources.windows_in_force(home)


def test_an_operation_with_limits_of_its_own_has_them_there_too(home: Home) -> None:
    file = as_stand_in(read_provider_file(home, "hunter"))
    assert [limits.key for limits in file.limits] == ["hunter-sandbox", "hunter-verifier-sandbox"]
    assert (file.name, file.payer) == ("hunter", "hunter-sandbox")
