"""The assets of the outreach stage. Only `email_deliveries` sends, and only when a run says so."""

from collections.abc import Sequence

import dagster as dg
import pandas as pd

from liendea_assets.clients.mailbox import MailSource
from liendea_assets.clients.settings import RateLimits, Windows
from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.environment import environment
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database, exclusive, to_records
from liendea_assets.materialized import as_markdown_table, check, table_result
from liendea_assets.outreach import (
    campaign_store,
    exports,
    inbox_store,
    linkedin_plan,
    linkedin_store,
    queue,
    queue_store,
    suppression_store,
)
from liendea_assets.outreach.campaigns import load_campaigns
from liendea_assets.outreach.delivery import check_confirmation, count_due, delivery_rules, describe, log_progress
from liendea_assets.outreach.gate import Gate
from liendea_assets.outreach.inbox import read_inbox
from liendea_assets.outreach.linkedin_budgets import read_budgets
from liendea_assets.outreach.linkedin_csv import write_linkedin_list
from liendea_assets.outreach.linkedin_list import read_today
from liendea_assets.outreach.mailboxes import OpenMailboxes
from liendea_assets.outreach.queue_page import describe_queue
from liendea_assets.outreach.sending import deliver
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.outreach.suppression import read_suppressions
from liendea_assets.scoring import assets as scoring
from liendea_assets.scoring.retarget import assign_campaigns
from liendea_assets.scoring.suppressed import exclude_suppressed, find_suppressed
from liendea_assets.scoring.suppression_list import SuppressionList

GROUP = "outreach"
OWNERS = ["team:revops"]

_NOBODY_SUPPRESSED = "Nobody whose address, domain or profile is suppressed has a queued message; the messages' own recipients count too."
_SHOWN_OF_LOG = ["id", "campaign_id", "contact_id", "step", "outreach_type", "status", "planned_on", "campaign_version", "created_at"]


@dg.asset(
    group_name=GROUP,
    kinds={"imap", "sqlite"},
    owners=OWNERS,
    pool="inbox_messages",
    check_specs=[
        dg.AssetCheckSpec(
            "every_mailbox_was_read",
            asset="inbox_messages",
            description="Each mailbox of outreach.yaml was read to its end. One that was not may hold opt-outs that nobody knows of.",
        ),
        dg.AssetCheckSpec(
            "every_message_was_handled",
            asset="inbox_messages",
            blocking=True,
            description="What follows from each message was done: who opted out or complained is suppressed, who answered is stopped.",
        ),
        dg.AssetCheckSpec(
            "nobody_complained",
            asset="inbox_messages",
            description="No complaint came with this reading. Each one suppresses the person; look at what was sent to them, and why.",
        ),
    ],
)
def inbox_messages(
    home: dg.ResourceParam[Home],
    database: dg.ResourceParam[Database],
    clock: dg.ResourceParam[Clock],
    mail_sources: dg.ResourceParam[Sequence[MailSource]],
) -> dg.MaterializeResult:
    """One row per message that came back: answers, absences, opt-outs, bounces, complaints; never changed by reading again.

    Read from the mailboxes of outreach.yaml, which stay as they are. Each message is acted upon with the commit that stores it.
    """
    settings = load_settings(OutreachSettings, home, "outreach.yaml")
    report = read_inbox(database, mail_sources, settings, load_key(home.data / "secret.key"), clock)
    exclude_suppressed(database, home.data / "secret.key")
    unhandled = inbox_store.count_unhandled(database)
    return table_result(
        database,
        "inbox_messages",
        shown=["id", "kind", "sentiment", "outreach_log_id", "contact_id", "matched_by", "confidence", "received_at", "read_at"],
        content=inbox_store.read_content(database),
        metadata={
            "sources": f"{report.mailboxes} mailboxes" if report.mailboxes else "none in config/outreach.yaml, so nothing was read",
            "new": sum(report.kinds.values()),
            "read_before": report.known,
            "unmatched": report.unmatched,
            "settled": report.settled,
            "kinds": dg.MetadataValue.md(as_markdown_table(inbox_store.count_by_kind(database))),
        },
        checks=[
            check("every_mailbox_was_read", not report.problems, problems=sorted(report.problems.values())),
            check("every_message_was_handled", unhandled == 0, messages=unhandled),
            check("nobody_complained", not report.kinds["complaint"], complaints=report.kinds["complaint"]),
        ],
    )


@dg.asset(
    group_name=GROUP,
    kinds={"csv", "sqlite"},
    owners=OWNERS,
    deps=[inbox_messages],
    pool="suppressions",
    check_specs=[
        dg.AssetCheckSpec(
            "every_line_was_understood",
            asset="suppressions",
            blocking=True,
            description="Each line of data/suppressions.csv names an address, a domain or a profile. One that does not stops the queues: "
            "it may be about somebody who must not be contacted.",
        )
    ],
)
def suppressions(
    home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]
) -> dg.MaterializeResult:
    """One row per address, domain or LinkedIn profile that is never to be contacted, as a keyed hash.

    Read from data/suppressions.csv (a value and a reason a line). Entries are only added: taking a line out of the file lifts nothing.
    Contacts who are found among them leave icp_scores and icp_targets at once.
    """
    key = load_key(home.data / "secret.key")
    # before anything is added: entries of a new key would hide that those of the former one are out of reach
    SuppressionList(key, suppression_store.read_suppressions(database))
    listed = read_suppressions(home.data / "suppressions.csv", key)
    suppression_store.add_suppressions(database, listed.entries, to_text(clock.now()))
    changed = exclude_suppressed(database, home.data / "secret.key")
    return table_result(
        database,
        "suppressions",
        shown=["id", "kind", "created_at"],
        content=pd.DataFrame(suppression_store.read_suppressions(database), columns=["kind", "key_hash"]),
        metadata={**suppression_store.count_suppressions(database), "contacts_that_came_or_went": changed},
        checks=[check("every_line_was_understood", not listed.bad_lines, lines=listed.bad_lines[:20])],
    )


@dg.asset(group_name=GROUP, kinds={"yaml", "sqlite"}, owners=OWNERS, pool="outreach_campaigns")
def outreach_campaigns(
    home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]
) -> dg.MaterializeResult:
    """One row per campaign, as config/campaigns/*.yaml and their templates say; a campaign without a file is completed.

    Targets whose best campaign is another one now are given it as `assigned_campaign`.
    """
    campaign_store.sync_campaigns(database, load_campaigns(home), to_text(clock.now()))
    reassigned = assign_campaigns(database, clock.now().date())
    campaigns = campaign_store.read_campaigns(database)
    return table_result(
        database,
        "outreach_campaigns",
        shown=list(campaigns.columns),
        content=campaigns.drop(columns=["created_at"]),
        metadata={"targets_reassigned": reassigned},
    )


def _queue_checks(asset: str) -> list[dg.AssetCheckSpec]:
    twice = "Nobody has two queued messages of this type, whatever campaigns there are."
    return [
        dg.AssetCheckSpec("nobody_is_suppressed", asset=asset, blocking=True, description=_NOBODY_SUPPRESSED),
        dg.AssetCheckSpec("nobody_is_queued_twice", asset=asset, blocking=True, description=twice),
    ]


@dg.asset(
    group_name=GROUP,
    kinds={"jinja", "sqlite"},
    owners=OWNERS,
    deps=[outreach_campaigns, suppressions, scoring.icp_targets],
    pool="outreach_queue",
    check_specs=_queue_checks("email_queue"),
)
def email_queue(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
    """One row of outreach_log per e-mail campaign, person and step, with the rendered message. Nobody stands in the queue twice.

    A follow-up is added once the step before it was sent, and new people of the audience of running campaigns after all follow-ups. Who
    was suppressed, answered, bounced, or is no target any more is withdrawn; a changed campaign or template writes its queued messages
    anew. `next` says who is written to next, from when on and why; `earliest_days` counts them before any limit; `held_back` what the gate
    says of queued messages; `left_out` who got no message and why.
    """
    key, settings = load_key(home.data / "secret.key"), load_settings(OutreachSettings, home, "outreach.yaml")
    now, limits = clock.now(), load_settings(RateLimits, home, "rate_limits.yaml").email.windows()
    with exclusive(database, "outreach_queue"):
        gained = queue.fill_queue(database, load_campaigns(home), settings, key, now)
    queued = queue_store.read_queued(database)
    suppressed = SuppressionList(key, suppression_store.read_suppressions(database))
    barred = find_suppressed(database, suppressed)
    people = to_records(queued[["id", "contact_id", "recipient"]])
    found = [row["id"] for row in people if row["contact_id"] in barred or suppressed.reason({"work_email": row["recipient"]})]
    doubles = queue_store.count_doubles(database)
    hosts = {mailbox.name: environment(f"{mailbox.smtp_env}_HOST") for mailbox in settings.all_mailboxes}
    page = describe_queue(database, settings, Gate(settings, key, hosts), limits, now)
    return table_result(
        database,
        "outreach_log",
        shown=_SHOWN_OF_LOG,
        where="outreach_type = 'email'",
        content=queued[["id", "campaign_id", "contact_id", "step", "message_sha256"]],
        metadata={
            "queued": len(queued),
            "gained": sum(gained.values()),
            "next": dg.MetadataValue.md(as_markdown_table(page.next)),
            "earliest_days": dg.MetadataValue.md(as_markdown_table(page.days)),
            "held_back": dg.MetadataValue.md(as_markdown_table(page.held_back)),
            "left_out": dg.MetadataValue.md(as_markdown_table(queue_store.count_exclusions(database))),
        },
        checks=[
            check("nobody_is_suppressed", not found, outreach_log_ids=found[:20]),
            check("nobody_is_queued_twice", doubles == 0, people=doubles),
        ],
    )


@dg.asset(
    group_name=GROUP,
    kinds={"jinja", "csv"},
    owners=OWNERS,
    deps=[outreach_campaigns, suppressions, scoring.icp_targets],
    pool="outreach_queue",
    check_specs=_queue_checks("linkedin_queue"),
)
def linkedin_queue(
    home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]
) -> dg.MaterializeResult:
    """One row of outreach_log per person to write to on LinkedIn by hand, and the day's list as CSV in data/exports.

    What was left untouched comes first, then the best targets with the strongest ties, within the budgets of outreach.yaml and
    rate_limits.yaml. `left_out` says who is not listed and why. `liendea linkedin-list` takes down what was done.
    """
    key, settings = load_key(home.data / "secret.key"), load_settings(OutreachSettings, home, "outreach.yaml")
    windows, now = load_settings(RateLimits, home, "rate_limits.yaml").linkedin.windows(), clock.now()
    report = linkedin_plan.fill_list(database, load_campaigns(home), settings, windows, key, now)
    listed = read_today(database, now.date(), settings.linkedin)
    path = home.make_private_folder(home.exports) / f"linkedin_{now.date().isoformat()}.csv"
    written = write_linkedin_list(listed, path)
    waiting = linkedin_store.read_open(database)
    barred = find_suppressed(database, SuppressionList(key, suppression_store.read_suppressions(database)))
    found = [row["id"] for row in to_records(waiting) if row["contact_id"] in barred]
    doubles = len(waiting) - waiting["contact_id"].nunique()
    budgets = read_budgets(database.conn, settings.linkedin, windows, now)
    return table_result(
        database,
        "outreach_log",
        shown=_SHOWN_OF_LOG,
        where="outreach_type <> 'email'",
        content=waiting,
        metadata={
            "listed_today": written,
            "open": report.listed,
            "added": report.added,
            "carried_over": report.carried_over,
            "withdrawn": report.withdrawn,
            "list": dg.MetadataValue.path(str(path)),
            "budgets": dg.MetadataValue.md("\n".join(f"- {budget}" for budget in budgets.all())),
            "left_out": dg.MetadataValue.md(as_markdown_table(linkedin_store.count_exclusions(database))),
        },
        checks=[
            check("nobody_is_suppressed", not found, outreach_log_ids=found[:20]),
            check("nobody_is_queued_twice", doubles == 0, people=doubles),
        ],
    )


class DeliveryConfig(dg.Config):
    """Whether e-mails are really sent. Without `live` they are written to files.

    Attributes:
        confirmation: names the campaign, or how many messages are due, so that nobody sends by a wrong click.
        longest_wait_minutes: for places within the limits of `email` in rate_limits.yaml.
    """

    live: bool = False
    confirmation: str = ""
    campaign: str | None = None
    limit: int | None = None
    longest_wait_minutes: int = 60


@dg.asset(group_name=GROUP, kinds={"eml", "smtp"}, owners=OWNERS, deps=[email_queue], pool="email_deliveries")
def email_deliveries(
    config: DeliveryConfig,
    home: dg.ResourceParam[Home],
    database: dg.ResourceParam[Database],
    clock: dg.ResourceParam[Clock],
    mailboxes: dg.ResourceParam[OpenMailboxes],
    rate_limits: dg.ResourceParam[Windows],
) -> dg.MaterializeResult:
    """One .eml file per queued e-mail in data/exports/emails, exactly as it would go out. A dry run, unless the run says `live`.

    A live run sends what is due of active campaigns that are approved, each message at most once (docs/sending.md). It must say so with
    a confirmation that names the campaign, or how many messages are due. No schedule or sensor does.
    """
    folder = home.make_private_folder(home.exports) / "emails"
    sent: dict[str, int] = {"sent": 0}
    if config.live:
        key_path, settings = home.data / "secret.key", load_settings(OutreachSettings, home, "outreach.yaml")
        hosts = {mailbox.name: environment(f"{mailbox.smtp_env}_HOST") for mailbox in settings.all_mailboxes}
        rules = delivery_rules(settings, load_key(key_path), hosts, rate_limits.get("email", ()))
        due = count_due(database, clock, config.campaign)
        check_confirmation(config.confirmation, config.campaign, due)
        report = deliver(
            database,
            rules,
            mailboxes(settings),
            clock,
            campaign=config.campaign,
            limit=min(due, config.limit) if config.limit is not None else due,
            max_wait_s=60.0 * config.longest_wait_minutes,
            on_progress=log_progress(clock),
        )
        exclude_suppressed(database, key_path)
        sent = describe(report)
    written = exports.write_dry_run(queue_store.read_queued(database), folder)
    return dg.MaterializeResult(metadata={"dagster/row_count": written, "folder": dg.MetadataValue.path(str(folder)), **sent})
