"""What SpamAssassin makes of the messages that the shipped campaign writes."""

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.outreach.campaigns import load_campaigns
from liendea_assets.outreach.messages import Composer, Thread
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets_tests.outreach.campaigns import KEY

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
MOST = 1.0
# As the server of the recipient adds them. SpamAssassin takes the addresses that are reserved for examples for forged ones.
ON_THE_WAY = (
    "Return-Path: <sam.rivera@northwind.example>\r\n"
    "Received: from mail.northwind.example (mail.northwind.example [9.9.9.9])\r\n"
    "\tby mx.acmelabs.example (Postfix) with ESMTPS id 4XJ2\r\n"
    "\tfor <robin.weaver@acmelabs.example>; Mon, 05 Oct 2026 09:00:02 +0000\r\n"
)


def spamassassin() -> str:
    found = shutil.which("spamassassin")
    if found is None:
        if os.environ.get("LIENDEA_REQUIRE_MAIL_TOOLS") == "1":
            pytest.fail("spamassassin is not installed, and LIENDEA_REQUIRE_MAIL_TOOLS=1 asks for it")
        pytest.skip("spamassassin is not installed; .ci/run installs it")
    return found


def score(message: str, folder: Path) -> float:
    """Points of the rules that need no network; 5 are spam."""
    done = subprocess.run(
        [spamassassin(), "-L", "-t", "-x"],
        input=(ON_THE_WAY + message).encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "HOME": str(folder)},
    )
    told = re.search(r"X-Spam-Status: \w+, score=(-?[\d.]+)", done.stdout.decode(errors="replace"))
    assert told, done.stderr.decode()
    return float(told[1])


@pytest.mark.parametrize("country", ["US", "GB"])
def test_shipped_messages_are_no_spam(home: Home, tmp_path: Path, country: str) -> None:
    """Each step in each wording, with the notice (GB) and without it, after a strange server added what servers add."""
    settings = load_settings(OutreachSettings, home, "outreach.yaml")
    campaign = next(campaign for campaign in load_campaigns(home) if campaign.settings.type == "email")
    composer = Composer(campaign, settings, KEY)
    row = {"contact_id": 7, "full_name": "Robin Weaver", "first_name": "Robin", "last_name": "Weaver", "title": "VP Sales"}
    row |= {"company": "Acme Labs", "industry": "Software", "work_email": "robin.weaver@acmelabs.example", "country": country}
    before: Thread | None = None
    for step in campaign.steps:
        for wording in step.wordings:
            language = wording.language or settings.languages.default
            known = {**row, "mutual_connection": "Alex Morgan"}
            message = composer.compose(known, step.name, NOW, wording.variant, language, before)
            assert (message.variant, message.language) == (wording.variant, language)
            assert score(message.text, tmp_path) <= MOST
        subject = composer.render(row, step.name, thread=before).subject
        before = Thread((*(before.message_ids if before else ()), str(message.message_id)), before.subject if before else subject)


def test_the_score_can_be_bad(tmp_path: Path) -> None:
    """GTUBE, the text that every filter takes for spam."""
    gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    assert score(f"From: a@northwind.example\r\nTo: b@acmelabs.example\r\nSubject: x\r\n\r\n{gtube}\r\n", tmp_path) > 500
