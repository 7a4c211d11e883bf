import email
import email.policy
import json
from pathlib import Path

import pytest

from liendea_assets.clients.smtp import SmtpServer
from liendea_assets.core.errors import ServiceUnavailable
from liendea_assets.db.connection import Database
from liendea_assets.operations.alerts import RunFailure, tell, tell_of_complaints
from liendea_assets.reports.settings import AlertSettings
from liendea_assets_tests.clients.servers import free_port
from liendea_assets_tests.clients.test_smtp import Mailbox, mail_server

FAILURE = RunFailure("0123456789abcdef", "daily", ["contact_enrichment", "icp_scores"], "2026-10-05 09:00:00")
MAILED = AlertSettings(email_to="ops@northwind.example", email_from="liendea@northwind.example")


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "alerts.jsonl").read_text(encoding="utf-8").splitlines()]


def test_failure_is_a_line_in_the_file(tmp_path: Path) -> None:
    """Ids and names of steps alone: an error's own text may hold somebody's data."""
    tell(FAILURE, tmp_path / "logs", AlertSettings(), None)
    assert lines(tmp_path / "logs") == [
        {
            "run_id": "0123456789abcdef",
            "job": "daily",
            "failed_steps": ["contact_enrichment", "icp_scores"],
            "at": "2026-10-05 09:00:00",
            "remedy": "Open run 01234567 in the Dagster UI: the failed step's error says what to change. Then materialise it again.",
        }
    ]


def test_further_failures_are_further_lines(tmp_path: Path) -> None:
    for _ in range(3):
        tell(FAILURE, tmp_path, AlertSettings(), None)
    assert len(lines(tmp_path)) == 3


def test_failure_is_mailed_where_an_address_is_given(tmp_path: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        tell(FAILURE, tmp_path, MAILED, SmtpServer("127.0.0.1", port))
    ((sender, recipients, content),) = mailbox.taken
    assert (sender, recipients) == ("liendea@northwind.example", ["ops@northwind.example"])
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message["Subject"] == "LIENDEA: daily failed in contact_enrichment, icp_scores"
    body = message.get_body()
    assert body is not None
    assert body.get_content().split() == f"{FAILURE.at} UTC {FAILURE.remedy}".split()
    assert len(lines(tmp_path)) == 1


def test_run_that_failed_before_its_first_step_has_a_subject_too(tmp_path: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        tell(RunFailure("0123456789abcdef", "daily", [], "2026-10-05 09:00:00"), tmp_path, MAILED, SmtpServer("127.0.0.1", port))
    assert b"Subject: LIENDEA: daily failed in its start" in mailbox.taken[0][2]


def test_without_an_address_nothing_is_mailed(tmp_path: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        tell(FAILURE, tmp_path, AlertSettings(), SmtpServer("127.0.0.1", port))
    assert (mailbox.taken, len(lines(tmp_path))) == ([], 1)


def test_failure_stands_in_the_file_when_the_mail_server_is_away(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable):
        tell(FAILURE, tmp_path, MAILED, SmtpServer("127.0.0.1", free_port()))
    assert len(lines(tmp_path)) == 1


def test_each_complaint_is_told_once_whoever_asks(db: Database, tmp_path: Path) -> None:
    moment = "2026-10-05 09:00:00.000000"
    row = {"source": "x", "received_at": moment, "read_at": moment, "matched_by": "nothing", "confidence": 1.0, "why": "a report"}
    for number, kind in enumerate(("complaint", "human_reply", "complaint"), start=1):
        db.table("inbox_messages").insert({**row, "fingerprint": str(number), "kind": kind, "from_address": "fbl@isp.example"})
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        told = [tell_of_complaints(db, tmp_path, MAILED, SmtpServer("127.0.0.1", port)) for _ in range(2)]
    assert told == [2, 0]
    assert [line["cause"] for line in lines(tmp_path)] == ["complaint 1", "complaint 3"]
    assert len(mailbox.taken) == 2
    assert "isp.example" not in (tmp_path / "alerts.jsonl").read_text()
