"""Telling the user what went wrong: a line in logs/alerts.jsonl, always, and an e-mail where one is configured."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path

from liendea_assets.clients.smtp import SmtpServer, hand_in
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.operations import store
from liendea_assets.reports.settings import AlertSettings


@dataclass(frozen=True, slots=True)
class RunFailure:
    """What is told: ids and names of steps, never an error's own text, which may hold somebody's data."""

    run_id: str
    job: str
    failed_steps: Sequence[str]
    at: str

    @property
    def remedy(self) -> str:
        """What to do."""
        return f"Open run {self.run_id[:8]} in the Dagster UI: the failed step's error says what to change. Then materialise it again."

    @property
    def subject(self) -> str:
        """What happened, in a line."""
        return f"{self.job} failed in {', '.join(self.failed_steps) or 'its start'}"


@dataclass(frozen=True, slots=True)
class Complaint:
    """Somebody called an e-mail of ours spam. Its id in inbox_messages is told, and nobody's address."""

    cause: str
    inbox_message: int
    at: str

    @property
    def remedy(self) -> str:
        """What to do."""
        return (
            f"The person is suppressed already. `liendea inbox show {self.inbox_message}` tells which message it was about: look at what "
            "was sent and why, and revoke the campaign (`liendea campaign revoke NAME`) if it can happen again."
        )

    @property
    def subject(self) -> str:
        """What happened, in a line."""
        return "somebody complained about an e-mail"


def tell_of_complaints(db: Database, logs: Path, settings: AlertSettings, smtp: SmtpServer | None) -> int:
    """Tells of each complaint in inbox_messages that was not told of before, whoever asks. Returns how many there were.

    Raises:
        ServiceUnavailable: they stand in the file, and the mail server did not take an e-mail.
    """
    with exclusive(db, "alerts"):
        told = _told(logs / "alerts.jsonl")
        news = [one for one in (Complaint(f"complaint {id_}", id_, at) for id_, at in store.read_complaints(db)) if one.cause not in told]
        for complaint in news:
            _write(complaint, logs)
    for complaint in news:
        _mail(complaint, settings, smtp)
    return len(news)


def tell(failure: RunFailure, logs: Path, settings: AlertSettings, smtp: SmtpServer | None) -> None:
    """Writes the alert down, then mails it.

    Raises:
        ServiceUnavailable: it stands in the file, and the mail server did not take the e-mail.
    """
    _write(failure, logs)
    _mail(failure, settings, smtp)


def _write(alert: RunFailure | Complaint, logs: Path) -> None:
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / "alerts.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**asdict(alert), "remedy": alert.remedy}) + "\n")


def _mail(alert: RunFailure | Complaint, settings: AlertSettings, smtp: SmtpServer | None) -> None:
    if smtp is not None and settings.email_to and settings.email_from:
        message = EmailMessage()
        message["From"], message["To"] = settings.email_from, settings.email_to
        message["Subject"] = f"LIENDEA: {alert.subject}"
        message.set_content(f"{alert.at} UTC\n\n{alert.remedy}\n")
        hand_in(smtp, message)


def _told(path: Path) -> set[str]:
    """The causes in the file; a line that a crash cut off has none."""
    causes = set()
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):
                causes.add(str(json.loads(line).get("cause")))
    return causes
