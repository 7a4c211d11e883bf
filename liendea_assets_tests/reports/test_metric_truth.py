"""Each metric against the independent computation, on random worlds and while they change."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.reports.message_metric_store import METRICS as OF_MESSAGES
from liendea_assets.reports.metric_store import compute_metrics
from liendea_assets.reports.metrics import METRICS
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact, add_score, change_contact, drop_target
from liendea_assets_tests.reports.independent import Figures, level_figures, message_figures
from liendea_assets_tests.reports.random_world import add_letter, add_message, add_reply, make_world

MESSAGE_NAMES = {metric.name for metric in OF_MESSAGES}
# what is checked by tests of its own
ELSEWHERE = {"calls_by_day", "success", "success_goal", "success_met"}


def stored(db: Database, day: str) -> tuple[Figures, Figures]:
    """The figures of messages, and those of the day."""
    rows = [tuple(row) for row in db.conn.execute("SELECT metric, dimension, day, value FROM pipeline_metrics")]
    messages = {(metric, dimension, on): value for metric, dimension, on, value in rows if metric in MESSAGE_NAMES}
    levels = {
        (metric, dimension, ""): value for metric, dimension, on, value in rows if on == day and metric not in MESSAGE_NAMES | ELSEWHERE
    }
    return messages, levels


def assert_true(db: Database, clock: VirtualClock) -> None:
    compute_metrics(db, clock.now())
    messages, levels = stored(db, clock.now().date().isoformat())
    expected = message_figures(db)
    assert messages == expected
    assert levels == pytest.approx(level_figures(db, clock.now(), expected))
    named = {metric.name for metric in METRICS}
    assert {metric for metric, _, _ in [*messages, *levels]} <= named


@pytest.mark.parametrize("seed", range(8))
def test_metrics_equal_an_independent_computation(db: Database, clock: VirtualClock, seed: int) -> None:
    make_world(db, seed, clock.now())
    assert_true(db, clock)


@pytest.mark.parametrize("seed", range(4))
def test_sums_agree_across_dimensions(db: Database, clock: VirtualClock, seed: int) -> None:
    make_world(db, seed, clock.now())
    compute_metrics(db, clock.now())
    messages, _ = stored(db, clock.now().date().isoformat())
    for name in MESSAGE_NAMES:
        for day in {on for metric, _, on in messages if metric == name}:
            sums: dict[str, float] = {}
            for (metric, dimension, on), value in messages.items():
                if (metric, on) == (name, day):
                    kind = dimension.partition(":")[0]
                    sums[kind] = sums.get(kind, 0) + value
            assert set(sums) == {"all", "channel", "campaign", "step", "variant", "segment", "industry", "priority"}
            assert len(set(sums.values())) == 1


def test_empty_database_equals_too(db: Database, clock: VirtualClock) -> None:
    assert_true(db, clock)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), changes=st.lists(st.integers(0, 13), max_size=8))
def test_counting_what_changed_equals_counting_all(tmp_path_factory: pytest.TempPathFactory, seed: int, changes: list[int]) -> None:
    """After all changes the figures are those of a database that was never counted before."""
    from liendea_assets.db.migrations import open_migrated

    clock = VirtualClock()
    db = open_migrated(tmp_path_factory.mktemp("world") / "liendea.db")
    draw = make_world(db, seed, clock.now())
    assert_true(db, clock)
    for change in changes:
        one = draw.randint(1, 40)
        now = to_text(clock.now())
        # what a message is counted under is decided when it is first counted, so contacts with messages keep their group here
        free = db.execute("SELECT id FROM contacts WHERE id NOT IN (SELECT contact_id FROM outreach_log) LIMIT 1").fetchone()
        message = db.execute("SELECT id FROM outreach_log ORDER BY id LIMIT 1 OFFSET ?", [draw.randint(0, 9)]).fetchone()
        if change == 0:
            add_message(db, draw, clock.now(), one, 9)
        elif change == 1 and message:
            add_letter(db, draw, clock.now(), message["id"], "human_reply")
        elif change == 2:
            db.conn.execute(
                "UPDATE inbox_messages SET kind = 'auto_reply', sentiment = NULL WHERE id = (SELECT min(id) FROM inbox_messages)"
            )
        elif change == 3:
            db.conn.execute("UPDATE outreach_visits SET is_robot = 1 - is_robot WHERE id % 3 = 0")
        elif change == 4:
            db.conn.execute("UPDATE outreach_log SET bounce = 'soft' WHERE status = 'sent' AND id % 4 = 0")
        elif change == 5:
            db.conn.execute("UPDATE outreach_log SET planned_on = '2026-10-20' WHERE status = 'queued' AND id % 2 = 0")
        elif change == 6 and free:
            change_contact(db, free["id"], gtm_segment="New", work_email=None, email_status="risky", title="CEO")
        elif change == 7 and free:
            add_score(db, free["id"], score=draw.randint(0, 100), priority=2)
        elif change == 8 and free:
            drop_target(db, free["id"])
        elif change == 9:
            clock.sleep(draw.choice([3_600, 86_400, 40 * 86_400]))
        elif change == 10:
            db.conn.execute("DELETE FROM contact_enrichment WHERE contact_id = ? AND source = 'zoom'", [one])
            add_reply(db, draw, clock.now(), one, "zoom")
        elif change == 11:
            db.conn.execute("UPDATE outreach_log SET unsubscribed_at = ? WHERE status = 'sent' AND id % 5 = 0", [now])
        elif change == 12:
            db.conn.execute("UPDATE contacts SET merged_into = 1 WHERE id = ? AND id <> 1", [one])
        elif change == 13:
            add_contact(db, 1_000 + draw.randint(0, 10**6))
        compute_metrics(db, clock.now())
    assert_true(db, clock)
    db.conn.close()


def test_replies_of_robots_do_not_count_and_a_correction_is_counted_on_the_day_of_the_message(db: Database, clock: VirtualClock) -> None:
    draw = make_world(db, 1, clock.now())
    db.conn.execute("DELETE FROM inbox_messages")
    for (number,) in db.conn.execute("SELECT id FROM outreach_log WHERE outreach_type = 'email' AND status = 'sent'").fetchall():
        for kind in ("auto_reply", "auto_permanent", "bounce_soft", "other", "unsubscribe"):
            add_letter(db, draw, clock.now(), number, kind)
    email = ("replied_human", "channel: email")
    compute_metrics(db, clock.now())
    assert not [key for key in stored(db, "")[0] if key[:2] == email]
    clock.sleep(5 * 86_400)
    db.conn.execute("UPDATE inbox_messages SET kind = 'human_reply' WHERE id = (SELECT min(id) FROM inbox_messages)")
    assert [row["changes"] >= 1 for row in db.query("SELECT changes FROM metric_days_due")]
    sent_at = db.execute("SELECT sent_at FROM outreach_log WHERE id = (SELECT outreach_log_id FROM inbox_messages LIMIT 1)").fetchone()[0]
    compute_metrics(db, clock.now())
    assert {key[2]: value for key, value in stored(db, "")[0].items() if key[:2] == email} == {sent_at[:10]: 1}
    assert compute_metrics(db, clock.now()).days == 0
