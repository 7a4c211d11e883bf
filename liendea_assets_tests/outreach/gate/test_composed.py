"""What the composer makes passes the gate's rules about bytes: the shipped campaigns, in every wording, to people of every policy."""

from pathlib import Path

import pytest

from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database
from liendea_assets.outreach.campaigns import load_campaigns
from liendea_assets.outreach.gate import Gate
from liendea_assets.outreach.gate.gate import MESSAGE_RULES
from liendea_assets.outreach.messages import Composer, Thread
from liendea_assets.outreach.settings import OutreachSettings, PublicSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact
from liendea_assets_tests.outreach.campaigns import KEY

SHIPPED = load_settings(OutreachSettings, Home(Path("/nowhere")), "outreach.yaml")
EMAILS = [campaign for campaign in load_campaigns(Home(Path(__file__).parents[3])) if campaign.settings.type == "email"]
WORDINGS = [
    (campaign, step.name, wording.variant, wording.language) for campaign in EMAILS for step in campaign.steps for wording in step.wordings
]


@pytest.mark.parametrize("base_url", [None, "https://out.northwind.example/lists"])
@pytest.mark.parametrize("country", ["US", "FR", "DE", None])
def test_composed_message_passes(db: Database, clock: VirtualClock, country: str | None, base_url: str | None) -> None:
    settings = SHIPPED.model_copy(update={"public": PublicSettings(base_url=base_url, click_tracking=base_url is not None)})
    gate = Gate(settings, KEY)
    add_contact(db, 1, country=country, full_name="Zoë Weaver, PhD")
    person = {
        "contact_id": 1, "full_name": "Zoë Weaver, PhD", "first_name": "Zoë", "last_name": "Weaver", "title": "VP Sales & more",
        "company": "Acme <Labs>", "industry": "Software", "work_email": "zoe@acmelabs.example", "country": country, "targeting_reason": "tie",
        "mutual_connection": "Alex Morgan",
    }  # fmt: skip
    assert WORDINGS
    for campaign, step, variant, language in WORDINGS:
        thread = Thread(("<first@northwind.example>",), "Before")
        message = Composer(campaign, settings, KEY).compose(person, step, clock.now(), variant, language, thread)
        row = {
            "contact_id": 1, "campaign_id": 1, "outreach_type": "email", "mailbox": "main", "message": message.text,
            "message_sha256": message.sha256, "message_id": message.message_id, "token": message.token, "recipient": message.recipient,
        }  # fmt: skip
        verdict = gate.prepare(db.conn, [row], clock.now()).ask(row, MESSAGE_RULES)
        assert verdict.blocking == (), (step, variant, language)
