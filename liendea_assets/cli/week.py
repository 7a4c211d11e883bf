"""`liendea sandbox --week`: a week of a campaign in a home of its own, from the sample's files to answers, on a simulated clock."""

import logging
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import yaml
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from liendea_assets.cli.init import make_home
from liendea_assets.cli.run import materialize_upstream
from liendea_assets.cli.services import sandbox_if_wanted, with_environment
from liendea_assets.clients.mailbox import MaildirFolder
from liendea_assets.clients.settings import RateLimits
from liendea_assets.clients.smtp import SmtpConnection, SmtpServer
from liendea_assets.core.clock import SystemClock, to_text
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.providers.load import read_provider_files
from liendea_assets.outreach import campaign_store
from liendea_assets.outreach.campaigns import Campaign, load_campaigns
from liendea_assets.outreach.delivery import delivery_rules
from liendea_assets.outreach.inbox import read_inbox
from liendea_assets.outreach.mailboxes import Mailbox
from liendea_assets.outreach.queue import fill_queue
from liendea_assets.outreach.sending import deliver
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.outreach.suppression import read_suppressions
from liendea_assets.outreach.suppression_store import add_suppressions
from liendea_assets.resources import REACH, SANDBOX, open_home_database
from liendea_assets.sandbox import week_store
from liendea_assets.sandbox.correspondents import Correspondents
from liendea_assets.sandbox.mail_server import HOST, MailSink, serving_mail
from liendea_assets.sandbox.simulated_clock import SimulatedClock
from liendea_assets.sandbox.week import Day, Office, live_through, next_monday
from liendea_assets.sandbox.week_checks import Finding, Kind, check_week, tell_natures
from liendea_assets.scoring.suppressed import exclude_suppressed

FAILED = 1
# What the shipped outreach.yaml says otherwise, and why the sandbox cannot do with it.
CHANGES = {
    # nobody's domain is asked for its records
    "dns": {"required": False},
    # the assessment that sending to GB and FR rests on
    "legitimate_interest": {"purpose": "a week in the sandbox", "assessed_on": "2026-01-15", "document": "docs/sandbox.md"},
    # the invented people bounce and complain more often than is healthy, so that there is something to see
    "bounce_warn": 0.5,
    "bounce_stop": 0.6,
    "complaint_stop": 0.6,
}
# So many of the best targets have opted out before the week begins.
OPTED_OUT = 2
# reasons of a day, the most frequent first
LEGEND = """\
How to read a day: `sent` are first messages and follow-ups; `stopped` people, and companies of whom somebody answered; `suppressed`
entries of the list, which has one for the address and one for the LinkedIn profile of a person; `waiting` why messages stayed, and how many
at the worst hour: one message waits for several things in a day. A new mailbox sends a few messages a day, and more each healthy day."""
MOST_TOLD = 4


def show_week(seed: int, console: Console) -> int:
    """Lives through the week and prints it day by day. Returns 0, or 1 where a check failed."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="liendea-week-") as folder:
        home = Home(Path(folder).resolve())
        list(make_home(home, with_sample=True))
        _change_settings(home)
        with _only_the_sandbox(home):
            console.print("Importing, enriching and scoring the sample …")
            console.print(Text(LEGEND))
            if not materialize_upstream(home, ("icp_targets", "outreach_campaigns", "suppressions")):
                console.print("The sample could not be scored: liendea run in a home with the sample tells why.")
                return FAILED
            findings = _live(home, seed, console)
    console.print(_checks(findings))
    console.print(f"Time          {time.monotonic() - started:.1f} s")
    return FAILED if any(finding.wrong for finding in findings) else 0


def _live(home: Home, seed: int, console: Console) -> list[Finding]:
    settings, key = load_settings(OutreachSettings, home, "outreach.yaml"), load_key(home.data / "secret.key")
    campaigns = [campaign for campaign in load_campaigns(home) if campaign.settings.type == "email"]
    people, clock = Correspondents(seed), SimulatedClock(next_monday(SystemClock().now()))
    sink = MailSink(home.data / "sandbox_mail", people, clock)
    db = open_home_database(home, durable=True)
    try:
        _approve(db, campaigns, clock.now())
        _opt_out_before(db, home, key, clock.now())
        with serving_mail(sink) as port:
            office = _office(db, home, settings, campaigns, key, clock, sink, port)
            days = []
            for day in live_through(db, office, sink, clock):
                console.print(_tell(day))
                days.append(day)
        console.print(_days(days))
        console.print(_natures(tell_natures(db, sink, people, key)))
        caps = settings.caps
        return check_week(
            db,
            sink,
            people,
            key,
            per_mailbox=settings.all_mailboxes[0].daily_limit,
            per_company=caps.company_people_per_week,
            per_contact=caps.messages_per_contact_per_week,
        )
    finally:
        db.conn.close()


def _office(
    db: Database,
    home: Home,
    settings: OutreachSettings,
    campaigns: list[Campaign],
    key: bytes,
    clock: SimulatedClock,
    sink: MailSink,
    port: int,
) -> Office:
    box = settings.all_mailboxes[0]
    limits = load_settings(RateLimits, home, "rate_limits.yaml").email.windows()
    rules = delivery_rules(settings, key, {box.name: HOST}, limits)
    addresses = dict.fromkeys((box.email, box.bounce_address or box.email, settings.unsubscribe_mailbox))
    sources = [MaildirFolder(address, sink.answers_to(address)) for address in addresses]

    def send() -> Mapping[str, int]:
        mailboxes = {box.name: Mailbox(box.name, box.bounce_address or box.email, SmtpConnection(SmtpServer(HOST, port, security="none")))}
        # within the hour: for places in the limits of rate_limits.yaml
        report = deliver(db, rules, mailboxes, clock, max_wait_s=1_800)
        exclude_suppressed(db, home.data / "secret.key")
        return report.blocked

    def read() -> None:
        read_inbox(db, sources, settings, key, clock)
        exclude_suppressed(db, home.data / "secret.key")

    return Office(lambda now: fill_queue(db, campaigns, settings, key, now), send, read)


def _approve(db: Database, campaigns: list[Campaign], now: datetime) -> None:
    campaign_store.sync_campaigns(db, campaigns, to_text(now))
    ids = campaign_store.campaign_ids(db)
    for campaign in campaigns:
        campaign_store.approve(db, ids[campaign.name], campaign.version, "the sandbox", to_text(now))


def _opt_out_before(db: Database, home: Home, key: bytes, now: datetime) -> None:
    """Puts some of the best targets on the list, so that leaving them alone is something."""
    path = home.data / "suppressions.csv"
    path.write_text("\n".join(week_store.read_some_recipients(db, OPTED_OUT)) + "\n", encoding="utf-8")
    add_suppressions(db, read_suppressions(path, key).entries, to_text(now))
    exclude_suppressed(db, home.data / "secret.key")


def _change_settings(home: Home) -> None:
    path = home.config / "outreach.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["gate"] = {**(content.get("gate") or {}), **CHANGES}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


@contextmanager
def _only_the_sandbox(home: Home) -> Iterator[None]:
    """Nobody real is asked about invented people, whatever the machine's own environment says."""
    others = {file.settings.base_url: "" for file in read_provider_files(home)}
    level = logging.getLogger("liendea_assets").level
    with with_environment({**others, REACH: SANDBOX, "LIENDEA_HOME": str(home.root)}), sandbox_if_wanted(home):
        logging.getLogger("liendea_assets").setLevel(logging.ERROR)
        try:
            yield
        finally:
            logging.getLogger("liendea_assets").setLevel(level)


def _tell(day: Day) -> Text:
    lines = [f"{day.begins:%A, %d %B}", f"  sent       {day.first} first, {day.follow_ups} follow-ups"]
    for label, counts in (("came back", day.back), ("stopped", day.stopped), ("suppressed", day.suppressed), ("waiting", day.waits)):
        if counts:
            lines.append(f"  {label:<10} {_counts(counts)}")
    return Text("\n".join(lines))


def _counts(counts: Counter[str]) -> str:
    return "; ".join(f"{count} × {name.replace('_', ' ')}" for name, count in counts.most_common(MOST_TOLD))


def _days(days: list[Day]) -> Table:
    table = _table("The week", "Day", "First", "Later", "Replies", "Auto", "Opt-out", "Bounce", "Spam", "Stops")
    for day in days:
        back = day.back
        kinds = (
            back["human_reply"],
            back["auto_reply"] + back["auto_permanent"],
            back["unsubscribe"],
            back["bounce_hard"] + back["bounce_soft"],
            back["complaint"],
        )
        table.add_row(f"{day.begins:%a}", *(str(count or "") for count in (day.first, day.follow_ups, *kinds, day.stopped.total())))
    return table


def _natures(kinds: list[Kind]) -> Table:
    table = _table("The people", "How they take mail", "People", "Messages", "Answered", "Suppressed")
    for kind in kinds:
        table.add_row(str(kind.nature), *(str(count or "") for count in (kind.people, kind.messages, kind.answers, kind.suppressed)))
    return table


def _checks(findings: list[Finding]) -> Table:
    table = _table("What must hold", "Check", "Looked at", "Wrong", "Verdict")
    for finding in findings:
        table.add_row(finding.what, f"{finding.looked_at:,}", f"{finding.wrong:,}", "WRONG" if finding.wrong else "holds")
    return table


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE)
    table.add_column(first)
    for name in columns:
        table.add_column(name, justify="right")
    return table
