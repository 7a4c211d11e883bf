"""Queueing and rendering 10,000 e-mails, the same again when nothing changed, their follow-ups, and what a claim asks of the caps."""

import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from liendea_assets.cli.init import make_home
from liendea_assets.core.clock import to_text
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database, transaction
from liendea_assets.db.migrations import open_migrated
from liendea_assets.outreach import campaign_store
from liendea_assets.outreach.campaigns import Campaign, load_campaigns
from liendea_assets.outreach.caps import find_free
from liendea_assets.outreach.queue import fill_queue
from liendea_assets.outreach.settings import OutreachSettings

MESSAGES = 10_000
LOGGED = 100_000
CLAIMS = 1_000
MOST_S = 60.0
MOST_CLAIM_MS = 1.0
NOW = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
LIMITS = ((60, 5), (3_600, 100), (86_400, 500))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        list(make_home(home, with_sample=False))
        settings = load_settings(OutreachSettings, home, "outreach.yaml")
        campaigns = [one for one in load_campaigns(home) if one.settings.type == "email"]
        db = open_migrated(home.data / "liendea.db")
        _add_targets(db)
        campaign_store.sync_campaigns(db, campaigns, to_text(NOW))
        took_s = _fill(db, campaigns, settings, NOW, f"{MESSAGES:,} e-mails queued and rendered")
        _fill(db, campaigns, settings, NOW, "the same again, nothing to do")
        db.conn.execute("UPDATE outreach_log SET status = 'claimed', claimed_at = ?", [to_text(NOW)])
        db.conn.execute("UPDATE outreach_log SET status = 'sending'")
        db.conn.execute("UPDATE outreach_log SET status = 'sent', sent_at = ?", [to_text(NOW - timedelta(days=3))])
        _fill(db, campaigns, settings, NOW, f"{MESSAGES:,} follow-ups into their threads")
        claim_ms = _ask_caps(db, settings)
        assert took_s <= MOST_S, f"{took_s:.1f} s for {MESSAGES:,} messages; {MOST_S:.0f} s are allowed"
        assert claim_ms <= MOST_CLAIM_MS, f"{claim_ms:.2f} ms for a claim; {MOST_CLAIM_MS} ms are allowed"
        db.conn.close()


def _fill(db: Database, campaigns: list[Campaign], settings: OutreachSettings, now: datetime, told: str) -> float:
    start = time.perf_counter()
    gained = sum(fill_queue(db, campaigns, settings, bytes(32), now).values())
    took_s = time.perf_counter() - start
    print(f"{told}: {took_s:.2f} s ({gained:,} written)")
    return took_s


def _add_targets(db: Database) -> None:
    at = to_text(NOW - timedelta(days=30))
    ids = range(1, MESSAGES + 1)
    zones = ("Europe/Berlin", "America/New_York", None, "Asia/Tokyo")
    countries = ("DE", "US", "FR", "JP")
    with transaction(db) as connection:
        connection.executemany(
            "INSERT INTO companies (id, name, created_at, updated_at) VALUES (?, 'Acme', ?, ?)",
            [(i, at, at) for i in range(1, MESSAGES // 5 + 2)],
        )
        connection.executemany(
            "INSERT INTO contacts (id, full_name, is_owner, created_at, updated_at) VALUES (?, 'Robin Weaver', 0, ?, ?)",
            [(i, at, at) for i in ids],
        )
        connection.executemany(
            """
            INSERT INTO enriched_contacts (
                contact_id, full_name, first_name, last_name, title, company_id, company_name, industry, country, time_zone, work_email, is_owner,
                profile_completeness, sources
            )
            VALUES (?, 'Robin Weaver', 'Robin', 'Weaver', 'VP Sales', ?, 'Acme Labs', 'Software', ?, ?, ?, 0, 100, '{}')
            """,
            [(i, i // 5 + 1, countries[i % 4], zones[i % 4], f"robin.{i}@acme{i // 5}.example") for i in ids],
        )
        connection.executemany(
            """
            INSERT INTO icp_targets (contact_id, icp_score, targeting_reason, status, priority, created_at)
            VALUES (?, 90, 'Title VP Sales: a decision maker (+25)', 'identified', 1, ?)
            """,
            [(i, at) for i in ids],
        )


def _ask_caps(db: Database, settings: OutreachSettings) -> float:
    """The median milliseconds of `find_free` with a log of `LOGGED` messages, where nothing stands against the message until the end."""
    times = [NOW - timedelta(seconds=120 + 750 * i) for i in range(LOGGED)]
    at = to_text(NOW)
    with transaction(db) as connection:
        connection.execute("UPDATE outreach_log SET sent_at = NULL WHERE status = 'sent'")
        connection.executemany(
            """
            INSERT INTO outreach_log (
                campaign_id, contact_id, step, outreach_type, status, sent_at, planned_on, message, message_sha256, campaign_version, created_at,
                mailbox
            )
            VALUES (1, ?, ?, 'email', 'sent', ?, '2026-10-05', 'm', 'h', 'v', ?, ?)
            """,
            [(i % MESSAGES + 1, 100 + i // MESSAGES, to_text(moment), at, f"box{i % 5}") for i, moment in enumerate(times)],
        )
        connection.execute("UPDATE outreach_campaigns SET daily_limit = 100000")
    box = settings.all_mailboxes[0].model_copy(update={"daily_limit": 200})
    wide = {"company_people_per_week": 10, "messages_per_contact_per_week": 100, "days_between_messages": 0}
    caps = settings.caps.model_copy(update=wide)
    boxes = tuple(box.model_copy(update={"name": f"box{i}"}) for i in range(5))
    opened = settings.model_copy(update={"caps": caps, "mailboxes": boxes})
    rows = db.conn.execute("SELECT * FROM outreach_log WHERE status = 'queued' LIMIT ?", [CLAIMS]).fetchall()
    took_ms, free = [], 0
    for place, row in enumerate(rows):
        asked = {**dict(row), "mailbox": f"box{place % 5}"}
        start = time.perf_counter()
        free += find_free(db.conn, asked, opened, NOW, LIMITS) is None
        took_ms.append(1_000 * (time.perf_counter() - start))
    median_ms, worst_ms = statistics.median(took_ms), statistics.quantiles(took_ms, n=100)[98]
    print(f"caps and limits of one claim, {LOGGED:,} messages logged: {median_ms:.3f} ms (99 of 100 within {worst_ms:.3f} ms; {free} free)")
    return median_ms
