"""Telling the user that a run failed: a line in logs/alerts.jsonl, always, and an e-mail where one is configured."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path

from liendea_assets.clients.smtp import SmtpServer, hand_in
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


def tell(failure: RunFailure, logs: Path, settings: AlertSettings, smtp: SmtpServer | None) -> None:
    """Writes the alert down, then mails it.

    Raises:
        ServiceUnavailable: it stands in the file, and the mail server did not take the e-mail.
    """
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / "alerts.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**asdict(failure), "remedy": failure.remedy}) + "\n")
    if smtp is not None and settings.email_to and settings.email_from:
        message = EmailMessage()
        message["From"], message["To"] = settings.email_from, settings.email_to
        message["Subject"] = f"LIENDEA: {failure.job} failed in {', '.join(failure.failed_steps) or 'its start'}"
        message.set_content(f"{failure.at} UTC\n\n{failure.remedy}\n")
        hand_in(smtp, message)
