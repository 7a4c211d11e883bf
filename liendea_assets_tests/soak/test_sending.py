"""Senders killed at random and at each point of the protocol; thousands of messages through a server that fails at every point of it."""

import logging
import os
from collections import Counter
from pathlib import Path

import pytest

from liendea_assets.db.connection import Database
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.outreach.inbox_kills import kill_readers
from liendea_assets_tests.outreach.letters import add_campaign, queue_letters
from liendea_assets_tests.outreach.misbehaving_smtp import SmtpServer, random_plan
from liendea_assets_tests.outreach.sending_kills import POINTS, kill_and_send_again
from liendea_assets_tests.outreach.test_sending import judge_until_done

pytestmark = pytest.mark.soak
log = logging.getLogger(__name__)

# at random moments; a tenth of it at each of the points
KILLS = int(os.environ.get("SOAK_SEND_KILLS", "200"))
MESSAGES = int(os.environ.get("SOAK_MESSAGES", "2000"))


@pytest.mark.parametrize("point", [None, *POINTS])
def test_killed_senders_neither_double_nor_lose_a_message(point: str | None, tmp_path: Path) -> None:
    figures = kill_and_send_again(tmp_path, point, KILLS if point is None else max(1, KILLS // 10))
    log.info("%s: %s", point or "random moments", figures)
    assert figures.kills == (KILLS if point is None else max(1, KILLS // 10))


def test_server_that_fails_at_every_point_gets_each_message_at_most_once(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, MESSAGES)
    server = SmtpServer(plan=random_plan(2026, 0.06))
    ended = judge_until_done(db, clock, server)
    log.info("%s; %d kinds of faults at %d steps: %s", dict(ended), len(server.met), len({step for step, _ in server.met}), server.met)
    assert ended.total() == MESSAGES
    assert Counter(server.accepted.values()).keys() == {1}


def test_killed_readers_of_a_mailbox_act_upon_each_message_once(tmp_path: Path) -> None:
    log.info("%d kills met a reader at work", kill_readers(tmp_path, 2_000, KILLS // 5))
