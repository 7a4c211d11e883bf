"""What no provider documents, and every one does some day: each of them must cost nothing but the one call."""

from collections.abc import Callable

import pytest
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp

from liendea_assets.core.errors import SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.sandbox.fault_plan import parse_plan
from liendea_assets.sandbox.misbehaving import Misbehaving
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Scripted
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers import apollo_server, hunter_server, peopledatalabs_server
from liendea_assets_tests.enrichment.providers.serving import ROBIN, outcomes, provider_of, read_file

SERVERS: dict[str, Callable[[VirtualClock], ASGIApp]] = {
    "peopledatalabs": lambda clock: peopledatalabs_server.create_app(peopledatalabs_server.PeopleDataLabs(clock)),
    "apollo": lambda clock: apollo_server.create_app(apollo_server.Apollo()),
    "hunter": lambda clock: hunter_server.create_app(hunter_server.Hunter()),
}


def misbehaving(name: str, clock: VirtualClock, plan: str) -> Misbehaving:
    return Misbehaving(SERVERS[name](clock), parse_plan(plan, "plan"))


@pytest.mark.parametrize("fault", ["html", "malformed", "empty", "wrong_types", "huge", "bomb"])
@pytest.mark.parametrize("name", SERVERS)
def test_what_is_no_answer_is_rejected_with_its_hash_and_the_next_one_is_read(
    db: Database, clock: VirtualClock, name: str, fault: str
) -> None:
    with provider_of(misbehaving(name, clock, f"{fault}@2"), read_file(name), db, clock) as provider:
        good, bad = provider.look_up([ROBIN])[0], provider.look_up([ROBIN])[0]
        again = provider.look_up([ROBIN])[0]
    assert (good.outcome, bad.outcome, bad.values) == ("hit", "rejected", {})
    # PDL in a header and Apollo in the answer still say what was charged
    assert bad.cost == (1.0 if fault == "wrong_types" and name != "hunter" else 0.0)
    assert bool(bad.reason)
    assert "robin" not in str(bad.reason)
    assert (bad.answer_hash is None) == (fault in ("huge", "bomb")), "of an answer that was not read to its end there is no hash"
    assert again == good
    assert len(outcomes(db)) == 3


@pytest.mark.parametrize("fault", ["error_500", "error_502", "unavailable", "reset", "reset_midway", "truncated", "cut_chunks"])
@pytest.mark.parametrize("name", SERVERS)
def test_what_passes_is_asked_again_and_answered(db: Database, clock: VirtualClock, name: str, fault: str) -> None:
    app = misbehaving(name, clock, f"{fault}@1")
    with provider_of(app, read_file(name), db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert answer.outcome == "hit"
    assert app.tally.arrivals == len(outcomes(db)) == 2


@pytest.mark.parametrize("name", SERVERS)
def test_a_redirect_is_not_followed_and_no_key_goes_elsewhere(db: Database, clock: VirtualClock, name: str) -> None:
    elsewhere = Scripted()
    file = read_file(name)
    with (
        serving(elsewhere) as url,
        provider_of(Scripted(RedirectResponse(f"{url}/collect", 302)), file, db, clock) as provider,
        pytest.raises(SettingsError, match=file.settings.base_url),
    ):
        provider.look_up([ROBIN])
    assert elsewhere.asked == []
