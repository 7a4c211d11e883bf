"""What no provider documents, and every one does some day: each of them must cost nothing but the one call."""

from collections.abc import Callable

import pytest
from starlette.types import ASGIApp

from liendea_assets.core.errors import SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.sandbox.reach_server import create_app as reach_app
from liendea_assets.sandbox.reach_server import sample_people
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Scripted, reach_of
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers import apollo_server, hunter_server, peopledatalabs_server
from liendea_assets_tests.enrichment.providers.serving import ROBIN, Mischief, outcomes, provider_of, read_file

SERVERS: dict[str, Callable[[VirtualClock], ASGIApp]] = {
    "peopledatalabs": lambda clock: peopledatalabs_server.create_app(peopledatalabs_server.PeopleDataLabs(clock)),
    "apollo": lambda clock: apollo_server.create_app(apollo_server.Apollo()),
    "hunter": lambda clock: hunter_server.create_app(hunter_server.Hunter()),
}


@pytest.mark.parametrize("kind", ["html", "truncated", "huge"])
@pytest.mark.parametrize("name", SERVERS)
def test_what_is_no_answer_is_rejected_with_its_hash_and_the_next_one_is_read(
    db: Database, clock: VirtualClock, name: str, kind: str
) -> None:
    with provider_of(Mischief(SERVERS[name](clock), kind, after=1), read_file(name), db, clock) as provider:
        good, bad = provider.look_up([ROBIN])[0], provider.look_up([ROBIN])[0]
    assert (good.outcome, bad.outcome, bad.values, bad.cost) == ("hit", "rejected", {}, 0.0)
    assert bool(bad.reason)
    assert "robin" not in str(bad.reason)
    assert (bad.answer_hash is None) == (kind == "huge"), "of an answer that was not read to its end there is no hash"
    assert len(outcomes(db)) == 2


@pytest.mark.parametrize("name", SERVERS)
def test_a_redirect_is_not_followed_and_no_key_goes_elsewhere(db: Database, clock: VirtualClock, name: str) -> None:
    elsewhere = Scripted()
    file = read_file(name)
    with (
        serving(elsewhere) as url,
        provider_of(Mischief(SERVERS[name](clock), "redirect", url), file, db, clock) as provider,
        pytest.raises(SettingsError, match=file.settings.base_url),
    ):
        provider.look_up([ROBIN])
    assert elsewhere.asked == []


def test_the_sandbox_behind_a_broken_proxy_is_rejected_too(db: Database, clock: VirtualClock) -> None:
    with reach_of(Mischief(reach_app(sample_people(), [(60, 100)]), "html"), db, clock) as reach:
        assert reach.look_up([ROBIN])[0].outcome == "rejected"
