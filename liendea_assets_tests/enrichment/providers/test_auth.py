import base64
import re
from pathlib import Path

import pytest
from starlette.responses import JSONResponse

from liendea_assets.core.errors import SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Asked, Scripted
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.serving import ROBIN, provider_at, written_file
from liendea_assets_tests.enrichment.providers.test_settings import GOOD

SECRETS = {"FIFTH_TOKEN": "s3cret", "FIFTH_USER": "ann"}


def ask_with(tmp_path: Path, db: Database, clock: VirtualClock, auth: str, secrets: dict[str, str] | None = None) -> Asked:
    """The request that a server gets."""
    app = Scripted(JSONResponse({"person": {"title": "VP"}}))
    file = written_file(tmp_path, "fifth", re.sub(r"auth: .*", f"auth: {auth}", GOOD))
    with serving(app) as url, provider_at(url, file, db, clock, secrets=secrets or SECRETS) as provider:
        assert provider.look_up([ROBIN])[0].outcome == "hit"
    (asked,) = app.asked
    return asked


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("{kind: header, name: X-Key, secret: FIFTH_TOKEN}", "x-key", "s3cret"),
        ("{kind: header, name: Authorization, prefix: 'Token ', secret: FIFTH_TOKEN}", "authorization", "Token s3cret"),
        ("{kind: bearer, secret: FIFTH_TOKEN}", "authorization", "Bearer s3cret"),
        ("{kind: basic, username: FIFTH_USER, secret: FIFTH_TOKEN}", "authorization", f"Basic {base64.b64encode(b'ann:s3cret').decode()}"),
    ],
)
def test_a_header_shows_who_asks(tmp_path: Path, db: Database, clock: VirtualClock, auth: str, header: str, value: str) -> None:
    asked = ask_with(tmp_path, db, clock, auth)
    assert asked.headers[header] == value
    assert asked.query == {"email": "robin.weaver@acmelabs.example"}


def test_a_parameter_shows_who_asks(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    asked = ask_with(tmp_path, db, clock, "{kind: query, name: api_key, secret: FIFTH_TOKEN}")
    assert asked.query["api_key"] == "s3cret"
    assert "authorization" not in asked.headers


def test_nobody_shows_who_asks_where_none_is_wanted(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    assert "authorization" not in ask_with(tmp_path, db, clock, "{kind: none}").headers


@pytest.mark.parametrize("secret", ["", "two\nlines", "päss"])
def test_a_secret_that_cannot_be_sent_is_told_without_it(tmp_path: Path, db: Database, clock: VirtualClock, secret: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ask_with(tmp_path, db, clock, "{kind: bearer, secret: FIFTH_TOKEN}", {"FIFTH_TOKEN": secret})
    assert not secret or secret not in str(caught.value)
