"""Metrics over a million contacts and half a million messages, against one GROUP BY pass a metric family in the sqlite3 shell."""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import figures, medians
from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, transaction
from liendea_assets.db.migrations import open_migrated
from liendea_assets.reports.metric_store import compute_metrics

CONTACTS = 1_000_000
MESSAGES = 500_000
DAYS = 200
NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
# What comes in on the day that is counted incrementally.
CHANGED_CONTACTS = 1_000
CHANGED_MESSAGES = 500
MOST_RATIO = 1.5
MOST_MIB = 2_048
MOST_DAY_SHARE = 0.1
RUNS = 3
FOLDER = Path(tempfile.gettempdir()) / "liendea_bench_metrics"

# The same figures, one pass a family, by one who knows the tables; nothing is written.
PASSES = {
    "enrichment": """
        SELECT source, outcome, count(*), sum(expires_at > '2026-10-05 09:00:00'), substr(max(answered_at), 1, 7)
        FROM contact_enrichment GROUP BY source, outcome, substr(answered_at, 1, 7)
    """,
    "contacts by what is known": """
        SELECT gtm_segment, email_status, count(*), sum(work_email IS NOT NULL), sum(e.title IS NOT NULL), sum(company_name IS NOT NULL),
            sum(company_domain IS NOT NULL), sum(e.industry IS NOT NULL), sum(employee_count IS NOT NULL), sum(revenue_range IS NOT NULL),
            sum(e.country IS NOT NULL), sum(work_phone IS NOT NULL OR mobile_phone IS NOT NULL), sum(linkedin_url IS NOT NULL)
        FROM enriched_contacts e JOIN contacts c ON c.id = e.contact_id
        WHERE c.merged_into IS NULL AND c.is_owner = 0 GROUP BY gtm_segment, email_status
    """,
    "scores": """
        SELECT e.gtm_segment, r.icp_score / 10, r.priority, count(*)
        FROM icp_score_rows r JOIN enriched_contacts e ON e.contact_id = r.contact_id WHERE e.is_owner = 0 GROUP BY 1, 2, 3
    """,
    "funnel": """
        SELECT t.status, EXISTS (
            SELECT 1 FROM contact_enrichment a WHERE a.contact_id = c.id AND a.outcome = 'hit' AND a.expires_at IS NOT NULL
        ) AS is_enriched, count(*)
        FROM contacts c LEFT JOIN icp_targets t ON t.contact_id = c.id WHERE c.merged_into IS NULL AND c.is_owner = 0 GROUP BY 1, 2
    """,
    "messages": """
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on), l.campaign_id, l.step, l.variant, e.gtm_segment, e.industry, t.priority,
            count(*), sum(l.sent_at IS NOT NULL), sum(l.bounce IS NOT NULL), sum(l.unsubscribed_at IS NOT NULL),
            sum(l.complained_at IS NOT NULL),
            sum(EXISTS (SELECT 1 FROM outreach_visits v WHERE v.outreach_log_id = l.id AND v.kind = 'open' AND v.is_robot = 0)),
            sum(EXISTS (SELECT 1 FROM outreach_visits v WHERE v.outreach_log_id = l.id AND v.kind = 'click' AND v.is_robot = 0)),
            sum(EXISTS (SELECT 1 FROM inbox_messages i WHERE i.outreach_log_id = l.id AND i.kind = 'human_reply')),
            sum(EXISTS (SELECT 1 FROM inbox_messages i WHERE i.outreach_log_id = l.id AND i.kind = 'human_reply' AND i.sentiment = 'positive'))
        FROM outreach_log l
        LEFT JOIN enriched_contacts e ON e.contact_id = l.contact_id
        LEFT JOIN icp_targets t ON t.contact_id = l.contact_id
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    """,
    "response rates": """
        SELECT gtm_segment, count(*), sum(answered) FROM (
            SELECT e.gtm_segment, l.campaign_id, l.contact_id,
                max(EXISTS (SELECT 1 FROM inbox_messages i WHERE i.outreach_log_id = l.id AND i.kind = 'human_reply')) AS answered
            FROM outreach_log l LEFT JOIN enriched_contacts e ON e.contact_id = l.contact_id
            WHERE l.sent_at IS NOT NULL AND l.status IN ('sent', 'responded') AND l.bounce IS NULL
            GROUP BY l.campaign_id, l.contact_id
        ) GROUP BY gtm_segment
    """,
    "limits": "SELECT service, substr(timestamp, 1, 10), count(*) FROM rate_limit_tracking GROUP BY 1, 2",
}

FILL = (
    """
    INSERT INTO contacts (id, full_name, is_owner, created_at, updated_at)
    SELECT n, 'Robin Weaver ' || n, 0, :at, :at FROM numbers
    """,
    """
    INSERT INTO enriched_contacts (
        contact_id, full_name, title, company_name, company_domain, industry, employee_count, revenue_range, gtm_segment, country, work_email,
        email_status, mobile_phone, linkedin_url, is_owner, profile_completeness, sources
    )
    SELECT
        n, 'Robin Weaver ' || n, CASE WHEN n % 10 THEN 'VP Sales' END, 'Acme ' || (n / 12), CASE WHEN n % 4 THEN 'acme' || (n / 12) || '.example' END,
        CASE WHEN n % 5 THEN 'Industry ' || (n / 12 % 25) END, CASE WHEN n / 12 % 3 THEN 620 END, CASE WHEN n / 12 % 3 THEN '10M' END,
        CASE WHEN n / 12 % 4 THEN 'Segment ' || (n / 12 % 7) END, CASE WHEN n % 6 THEN 'DE' END,
        CASE WHEN n % 3 THEN 'robin' || n || '@acme.example' END,
        CASE WHEN n % 3 THEN CASE n % 7 WHEN 0 THEN 'risky' WHEN 1 THEN 'unknown' ELSE 'verified' END END,
        CASE WHEN n % 8 = 0 THEN '+49 30 1' END, CASE WHEN n % 2 THEN 'https://www.linkedin.com/in/robin-' || n END, 0, 80,
        '{"title": "gtm 2026-09-01", "industry": "reach 2026-09-01", "work_email": "reach 2026-09-01"}'
    FROM numbers
    """,
    """
    INSERT INTO contact_enrichment (contact_id, source, outcome, last_enriched, answered_at, expires_at, work_email)
    SELECT n, 'reach', CASE WHEN n % 4 THEN 'hit' ELSE 'miss' END, :at, strftime('%Y-%m-%d %H:%M:%f', :at, '-' || (n % 300) || ' days'),
        strftime('%Y-%m-%d %H:%M:%f', :at, (180 - n % 300) || ' days'), CASE WHEN n % 4 THEN 'robin' || n || '@acme.example' END
    FROM numbers WHERE n % 10 < 9
    """,
    "INSERT INTO icp_scoring_configs (version, content, first_used_at) VALUES ('v1', '{}', :at)",
    "INSERT INTO icp_scoring_runs (id, config_version, rules_version, scored_at, first, written) VALUES (1, 'v1', '', :at, 1, 1)",
    """
    INSERT INTO icp_score_rows (
        contact_id, icp_score, fit_score, relationship_score, part_ids, coverage, score_min, score_max, priority, priority_best, priority_worst,
        source_id, run_id
    )
    SELECT n, n / 12 * 7 % 101, n / 12 * 7 % 101, 0, '[1,2,3,4,5,6]', 1.0, 0, 100, 5 - n / 12 * 7 % 101 / 21, 1, 5, 1, 1 FROM numbers
    """,
    """
    INSERT INTO icp_targets (contact_id, icp_score, targeting_reason, status, priority, created_at)
    SELECT contact_id, icp_score, 'Title VP Sales: a decision maker (+25)', CASE contact_id % 5 WHEN 0 THEN 'engaged' ELSE 'enriched' END, priority, :at
    FROM icp_score_rows WHERE icp_score >= 65
    """,
    """
    INSERT INTO outreach_campaigns (id, name, type, status, daily_limit, created_at, version)
    VALUES (1, 'spring', 'email', 'active', 5000, :at, 'v'), (2, 'autumn', 'email', 'active', 5000, :at, 'v')
    """,
    "INSERT INTO outreach_steps (campaign_id, step, name) SELECT c.id, n, 'step ' || n FROM outreach_campaigns c, numbers WHERE n <= 3",
    """
    INSERT INTO outreach_log (
        campaign_id, contact_id, step, outreach_type, status, sent_at, planned_on, message, message_sha256, campaign_version, created_at, variant,
        bounce, unsubscribed_at, recipient, token
    )
    SELECT 1 + k % 2, contact_id, 1 + k % 3, 'email', CASE WHEN k % 50 THEN 'sent' ELSE 'queued' END,
        CASE WHEN k % 50 THEN strftime('%Y-%m-%d %H:%M:%f', :at, '-' || (k * :days / :messages) || ' days', '-' || (k % 28000) || ' seconds') END,
        strftime('%Y-%m-%d', :at), printf('%0600d', k), printf('%064d', k), 'v', :at, CASE k % 2 WHEN 0 THEN 'A' ELSE 'B' END,
        CASE k % 150 WHEN 1 THEN 'hard' WHEN 2 THEN 'soft' END, CASE k % 170 WHEN 3 THEN :at END, 'robin@acme.example', printf('%034d', k)
    FROM (SELECT t.contact_id, k.n - 1 AS k FROM numbers k JOIN ranked t ON t.place = (k.n - 1) / 3 WHERE k.n <= :messages)
    """,
    """
    INSERT INTO inbox_messages (source, fingerprint, received_at, read_at, kind, sentiment, outreach_log_id, matched_by, confidence, why, text)
    SELECT 'box', id, :at, :at, CASE id % 3 WHEN 0 THEN 'auto_reply' ELSE 'human_reply' END, CASE id % 2 WHEN 0 THEN 'positive' ELSE 'negative' END, id,
        'token', 1.0, 'token', printf('%0300d', id)
    FROM outreach_log WHERE sent_at IS NOT NULL AND id % 11 = 0
    """,
    """
    INSERT INTO outreach_visits (outreach_log_id, kind, visited_at, is_robot)
    SELECT id, CASE id % 3 WHEN 0 THEN 'click' ELSE 'open' END, :at, id % 4 = 0 FROM outreach_log WHERE sent_at IS NOT NULL AND id % 3
    """,
    """
    INSERT INTO rate_limit_tracking (service, action_type, timestamp, success, outcome, ends_us, number, action_number)
    SELECT 'reach', 'match', strftime('%Y-%m-%d %H:%M:%f', :at, '-' || (n / 2) || ' seconds'), 1, 'hit', n, n, n FROM numbers WHERE n <= 200000
    """,
    "INSERT INTO call_days (payer, day, calls) SELECT service, substr(timestamp, 1, 10), count(*) FROM rate_limit_tracking GROUP BY 1, 2",
)


def main() -> None:
    path = _made()
    peer_s = statistics.median(_pass_all(path) for _ in range(RUNS))
    full_s, mib, day_s, idle_s = medians(lambda: _measure(path), RUNS)
    print(
        f"metrics of {CONTACTS:,} contacts and {MESSAGES:,} messages of {DAYS} days for the first time: {full_s:.1f} s, peak {mib:,.0f} MiB"
    )
    print(f"one GROUP BY pass a family in the sqlite3 shell: {peer_s:.1f} s, so {full_s / peer_s:.2f} ×")
    print(
        f"a day of {CHANGED_CONTACTS:,} changed contacts, {CHANGED_MESSAGES:,} messages and as many answers: {day_s:.2f} s, {day_s / full_s:.3f} ×"
    )
    print(f"again when nothing changed: {idle_s:.2f} s")
    assert mib <= MOST_MIB, f"{mib:.0f} MiB; {MOST_MIB} are allowed"
    assert full_s <= MOST_RATIO * peer_s, f"{full_s / peer_s:.2f} × the passes; {MOST_RATIO} are allowed"
    assert day_s <= MOST_DAY_SHARE * full_s, f"{day_s / full_s:.3f} × the full count; {MOST_DAY_SHARE} are allowed"


def _made() -> Path:
    """The database, made once."""
    path = FOLDER / f"world_{CONTACTS}_{MESSAGES}.db"
    if path.exists():
        return path
    shutil.rmtree(FOLDER, ignore_errors=True)
    making = FOLDER / "making.db"
    db = open_migrated(making)
    db.conn.execute("PRAGMA foreign_keys=OFF")
    with transaction(db) as connection:
        connection.execute(
            "CREATE TEMP TABLE numbers AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT ?) SELECT n FROM n",
            [CONTACTS],
        )
        for statement in FILL:
            if "ranked" in statement:
                connection.execute(
                    "CREATE TEMP TABLE ranked AS SELECT row_number() OVER (ORDER BY contact_id) - 1 AS place, contact_id FROM icp_targets"
                )
                connection.execute("CREATE INDEX temp.idx_ranked ON ranked (place)")
            named = {"at": to_text(NOW), "days": DAYS, "messages": MESSAGES}
            connection.execute(statement, {name: value for name, value in named.items() if f":{name}" in statement})
    db.conn.execute("ANALYZE")
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.conn.close()
    making.rename(path)
    return path


def _pass_all(path: Path) -> float:
    started = time.perf_counter()
    for sql in PASSES.values():
        command = ["sqlite3", "-cmd", "PRAGMA cache_size=-262144", f"file:{path}?mode=ro", sql]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _measure(path: Path) -> list[float]:
    copy = FOLDER / "counted.db"
    for file in FOLDER.glob("counted.db*"):
        file.unlink()
    shutil.copy(path, copy)
    told = figures("benchmarks.metrics", copy)
    return [told["full_s"], told["mib"], told["day_s"], told["idle_s"]]


def _change(db: Database) -> None:
    """A day's work: contacts that were enriched and scored anew, messages that went out, answers to some of the last weeks."""
    at = to_text(NOW)
    with transaction(db) as connection:
        ids = f"SELECT id * 977 FROM outreach_log WHERE id <= {CHANGED_CONTACTS}"
        connection.execute(f"UPDATE enriched_contacts SET title = NULL, email_status = 'risky' WHERE contact_id IN ({ids})")
        connection.execute(f"UPDATE icp_score_rows SET icp_score = 100 - icp_score WHERE contact_id IN ({ids})")
        connection.execute(
            f"""
            INSERT INTO outreach_log (campaign_id, contact_id, step, outreach_type, status, sent_at, planned_on, message, message_sha256,
                campaign_version, created_at)
            SELECT 1, id, 9, 'email', 'sent', ?, '2026-10-06', 'm', 'h', 'v', '{at}' FROM contacts LIMIT {CHANGED_MESSAGES}
            """,
            [to_text(NOW + timedelta(hours=12))],
        )
        connection.execute(
            f"""
            INSERT INTO inbox_messages (source, fingerprint, received_at, read_at, kind, outreach_log_id, matched_by, confidence, why)
            SELECT 'new', 'new ' || id, '{at}', '{at}', 'human_reply', id, 'token', 1.0, 'token' FROM outreach_log
            WHERE sent_at BETWEEN '2026-10-01' AND '2026-10-05' LIMIT {CHANGED_MESSAGES}
            """
        )


def _count_once(path: Path) -> dict[str, float]:
    db = open_migrated(path)
    told = {}
    for name, days in (("full_s", 0), ("day_s", 1), ("idle_s", 1)):
        if name == "day_s":
            _change(db)
        started = time.perf_counter()
        compute_metrics(db, NOW + timedelta(days=days))
        told[name] = time.perf_counter() - started
    db.conn.close()
    return told


if __name__ == "__main__":
    print(json.dumps(_count_once(Path(sys.argv[1]))))
