"""What a run did, for the terminal: rows, calls, targets, queues, where the report lies. Counts and paths only."""

from collections.abc import Sequence

import click

from liendea_assets.clients.settings import STAND_IN, Windows
from liendea_assets.clients.store import count_attempts, count_since
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.environment import environment
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database, to_records
from liendea_assets.imports import file_account_store
from liendea_assets.imports import store as imports_store
from liendea_assets.outreach import linkedin_store, queue_store
from liendea_assets.sandbox.misbehaving import Tally
from liendea_assets.scoring import target_store

_WINDOW_NAMES = {60: "this minute", 3_600: "this hour", 86_400: "this day"}


def print_summary(
    home: Home,
    db: Database,
    attempts_before: int,
    windows: Windows,
    sandbox: Tally | None,
    failures: Sequence[str],
    warnings: Sequence[str],
    seconds: float,
) -> None:
    """Prints the summary to standard output."""
    _print_rows(db)
    _print_calls(db, attempts_before, windows, sandbox)
    _print_targets(db)
    report = max(home.reports.glob("daily_report_*.html"), default=None)
    _line("Report", str(report) if report else "none")
    _line("Exports", f"{home.exports} (dry-run e-mails, LinkedIn list)")
    _line("Time", f"{seconds:.1f} s")
    for label, lines in (("failed", failures), ("to look at", warnings)):
        if lines:
            click.echo(f"\n{len(lines)} {label}:")
            for line in lines:
                click.echo(f"  - {line}")
    if not failures:
        click.echo("\nEvery asset and every blocking check passed." if warnings else "\nEvery asset and every check passed.")


def _print_rows(db: Database) -> None:
    totals = file_account_store.sum_files(db)
    people = imports_store.count_people(db)
    source_rows = totals.rows - totals.blank
    _line("Files", f"{totals.files - totals.unreadable} imported, {totals.unreadable} not")
    files = file_account_store.list_files(db)
    for row in to_records(files):
        if row["error"] or row["note"]:
            click.echo(f"{'':<14}{row['name']}: {row['error'] or row['note']}")
    pending = f" + {totals.pending:,} pending" if totals.pending else ""
    _line(
        "Source rows",
        f"{source_rows:,} = {totals.imported:,} imported + {totals.merged:,} merged + {totals.rejected:,} rejected{pending}"
        f" ({totals.blank:,} blank lines besides)",
    )
    _line("People", f"{people.contacts:,} contacts in {people.companies:,} companies, {people.ties:,} LinkedIn ties")


def _print_calls(db: Database, attempts_before: int, windows: Windows, sandbox: Tally | None) -> None:
    now = SystemClock().now()
    service = "reach" if sandbox is None else f"reach{STAND_IN}"
    left = ", ".join(
        f"{max(0, limit - count_since(db, service, now, seconds)):,} left {_WINDOW_NAMES.get(seconds, f'in {seconds:,} s')}"
        for seconds, limit in windows[service]
    )
    made = count_attempts(db) - attempts_before
    no_reach = "none: no Reach is configured (REACH_BASE_URL in .env)"
    _line("Reach calls", f"{made:,} made; {left}" if environment("REACH_BASE_URL") else no_reach)
    if sandbox is not None:
        _line("Sandbox", sandbox.tell())


def _print_targets(db: Database) -> None:
    targets = target_store.read_targets(db)
    by_priority = targets["priority"].value_counts().sort_index()
    priorities = ", ".join(f"{count:,} of priority {priority}" for priority, count in by_priority.items())
    _line("Targets", f"{len(targets):,}{f' ({priorities})' if priorities else ''}")
    emails, by_hand = len(queue_store.read_queued(db)), len(linkedin_store.read_open(db))
    _line("Queue", f"{emails:,} e-mails, {by_hand:,} LinkedIn messages; nothing was sent")


def _line(label: str, text: str) -> None:
    click.echo(f"{label:<14}{text}")
