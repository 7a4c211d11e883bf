"""Sending with gate, caps and three durable phases, beside smtplib that only sends: one connection each, to the same server.

The server is another process on this machine, which takes everything at once. The product's messages are queued, approved and judged as in
a campaign, by all rules of the gate and all caps; `sending` is on the disk before each final dot.
"""

import smtplib
import tempfile
import time
from pathlib import Path

from benchmarks.measure import medians
from liendea_assets.clients.smtp import SmtpConnection, SmtpServer
from liendea_assets.core.clock import SystemClock
from liendea_assets.db.migrations import open_migrated
from liendea_assets.outreach.mailboxes import Mailbox
from liendea_assets.outreach.sending import deliver
from liendea_assets_tests.outreach.letters import add_campaign, address, open_rules, queue_letters, write
from liendea_assets_tests.outreach.sending_kills import mail_process

MESSAGES = 1_000
SENDER = "sam.rivera@northwind.example"


def smtplib_rate(port: int) -> float:
    """Messages a second of smtplib over one connection."""
    letters = [(address(number), write(number)[2].encode()) for number in range(1, MESSAGES + 1)]
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for recipient, content in letters:
            connection.sendmail(SENDER, [recipient], content)
    return MESSAGES / (time.perf_counter() - began)


def product_rate(port: int) -> float:
    """Messages a second of the product, from a queue to the last `sent`."""
    with tempfile.TemporaryDirectory() as folder:
        db = open_migrated(Path(folder) / "sending.db", durable=True)
        add_campaign(db)
        queue_letters(db, MESSAGES)
        connection = SmtpConnection(SmtpServer("127.0.0.1", port, security="none"))
        rules, mailboxes = open_rules(), {"main": Mailbox("main", SENDER, connection)}
        began = time.perf_counter()
        report = deliver(db, rules, mailboxes, SystemClock())
        took = time.perf_counter() - began
        assert report.sent == MESSAGES, report
        db.conn.close()
    return MESSAGES / took


def main() -> None:
    with mail_process(None) as port:
        smtplib_rate(port)
        alone, ours = medians(lambda: (smtplib_rate(port), product_rate(port)))
    print(
        f"sending, {MESSAGES:,} messages over one connection: {ours:,.0f} a second with gate, caps and three durable phases = {ours / alone:.2f} × "
        f"smtplib without a ledger ({alone:,.0f} a second; goal 0.3 ×)"
    )


if __name__ == "__main__":
    main()
