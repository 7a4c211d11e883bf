"""`liendea send`: what would go out now, or the real thing, on the user's own terminal."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from liendea_assets.cli.services import mail_sandbox_if_wanted
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.environment import environment, read_env_file
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.core.settings import load_settings
from liendea_assets.outreach.delivery import delivery_rules
from liendea_assets.outreach.sending import MOST_REHEARSED, DeliveryReport, Rules, deliver, rehearse
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.resources import open_home_database, open_mailboxes, windows_in_force
from liendea_assets.scoring.suppressed import exclude_suppressed

FAILED = 1


def rehearse_sending(home: Home, campaign: str | None, limit: int | None) -> None:
    """Prints what would go out now, and what would not and why."""
    settings = _read_settings(home)
    db = open_home_database(home)
    try:
        report = rehearse(db, _rules(home, settings), SystemClock(), campaign=campaign, limit=limit)
    finally:
        db.conn.close()
    click.echo(f"{report.sent} e-mails would be sent now.")
    _print_blocked(report, "would stay")
    if report.to_go:
        click.echo(f"{report.to_go} more are due; {MOST_REHEARSED} are looked at, or as many as --limit says.")
    click.echo("Nothing was sent. To send them: liendea send --live")


def send_queued(home: Home, campaign: str | None, limit: int | None, max_wait_s: float) -> int:
    """Sends what is due, with progress. Returns the exit code.

    Raises:
        SettingsError: no mailbox has a mail server, or a file is not right. TransientError: another process is sending.
    """
    settings = _read_settings(home)
    with mail_sandbox_if_wanted(home):
        return _send_queued(home, settings, campaign, limit, max_wait_s)


def _send_queued(home: Home, settings: OutreachSettings, campaign: str | None, limit: int | None, max_wait_s: float) -> int:
    mailboxes = open_mailboxes(home, settings)
    if not mailboxes:
        names = ", ".join(dict.fromkeys(f"{mailbox.smtp_env}_HOST" for mailbox in settings.all_mailboxes))
        raise SettingsError(f"no mailbox has a mail server: set {names} in .env")
    db = open_home_database(home, durable=True)
    try:
        with _stopped_by_signals() as stop:
            report = deliver(
                db,
                _rules(home, settings),
                mailboxes,
                SystemClock(),
                campaign=campaign,
                limit=limit,
                max_wait_s=max_wait_s,
                stop=stop,
                on_progress=_print_progress,
            )
        # who turned out not to exist leaves scores and targets at once
        exclude_suppressed(db, home.data / "secret.key")
    finally:
        db.conn.close()
    _print_report(report)
    return FAILED if report.troubles or report.uncertain or report.found_uncertain else 0


def _read_settings(home: Home) -> OutreachSettings:
    read_env_file(home.root)
    return load_settings(OutreachSettings, home, "outreach.yaml")


def _rules(home: Home, settings: OutreachSettings) -> Rules:
    hosts = {mailbox.name: environment(f"{mailbox.smtp_env}_HOST") for mailbox in settings.all_mailboxes}
    return delivery_rules(settings, load_key(home.data / "secret.key"), hosts, windows_in_force(home).get("email", ()))


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """The first Ctrl-C or SIGTERM lets the message under way end; the next Ctrl-C does not."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    former = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _print_progress(report: DeliveryReport) -> None:
    if sys.stdout.isatty():
        click.echo(f"\r{report.sent} sent, {report.to_go} to go ", nl=False)


def _print_report(report: DeliveryReport) -> None:
    if sys.stdout.isatty():
        click.echo()
    click.echo(f"{report.sent} sent, {report.again} to be tried again, {report.failed} failed, {report.to_go} not looked at.")
    if report.stopped:
        click.echo(f"Ended early: {report.stopped}.")
    _print_blocked(report, "stay")
    for name, reason in report.troubles.items():
        click.echo(f"Mailbox {name} is not used any more: {reason}")
    if report.released:
        click.echo(f"{report.released} that an earlier run had begun are queued again.")
    if report.uncertain or report.found_uncertain:
        click.echo(f"{report.uncertain + report.found_uncertain} may be out or not: liendea uncertain list")


def _print_blocked(report: DeliveryReport, verb: str) -> None:
    for reason, count in report.blocked.most_common():
        click.echo(f"{count} {verb}: {reason}")
