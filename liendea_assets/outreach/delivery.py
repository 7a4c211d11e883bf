"""What the sender goes by in a home: the gate, the caps and the suppressions, as its settings say; and what a live run must say."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from sqlite3 import Connection

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.outreach import sending_store, suppression_store
from liendea_assets.outreach.caps import find_free
from liendea_assets.outreach.gate import Gate
from liendea_assets.outreach.sending import DeliveryReport, Rules
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.scoring.suppression_list import ADDRESS

log = logging.getLogger(__name__)

LOG_EVERY_S = 10.0


def delivery_rules(settings: OutreachSettings, key: bytes, smtp_hosts: Mapping[str, str], limits: tuple[tuple[int, int], ...]) -> Rules:
    """The rules of a home.

    Args:
        smtp_hosts: name of a mailbox → its mail server. limits: (seconds, messages) of `email` in rate_limits.yaml.
    """

    def free(connection: Connection, row: Mapping[str, object], now: datetime) -> str | None:
        return find_free(connection, row, settings, now, limits)

    def suppress(connection: Connection, address: str, reason: str, now: datetime) -> None:
        suppression_store.suppress(connection, ADDRESS, address, reason, key, to_text(now))

    return Rules(Gate(settings, key, smtp_hosts), free, suppress, settings.sending, limits)


def check_confirmation(confirmation: str, campaign: str | None, due: int) -> None:
    """A live run says in its own words what it is about to do: the campaign's name, or how many messages are due.

    Raises:
        SettingsError: it does not.
    """
    wanted = campaign if campaign is not None else str(due)
    if wanted not in confirmation.replace(",", " ").split():
        named = f"the campaign's name, {campaign}" if campaign is not None else f"how many messages are due now, {due}"
        raise SettingsError(f"nothing was sent: the confirmation must name {named}")


def count_due(db: Database, clock: Clock, campaign: str | None) -> int:
    """Queued e-mails whose moment has come."""
    return len(sending_store.read_due(db.conn, to_text(clock.now()), campaign))


def log_progress(clock: Clock) -> Callable[[DeliveryReport], None]:
    """Tells in the log how far a run is, now and then."""
    last: datetime | None = None

    def tell(report: DeliveryReport) -> None:
        nonlocal last
        if last is None or (clock.now() - last).total_seconds() >= LOG_EVERY_S or report.to_go == 0:
            last = clock.now()
            log.info("e-mails: %s", ", ".join(f"{name} {count}" for name, count in describe(report).items()))

    return tell


def describe(report: DeliveryReport) -> dict[str, int]:
    """The counts of a report, for metadata and logs."""
    return {
        "sent": report.sent,
        "again": report.again,
        "failed": report.failed,
        "uncertain": report.uncertain + report.found_uncertain,
        "blocked": sum(report.blocked.values()),
        "to_go": report.to_go,
    }
