"""`liendea send` and `liendea uncertain`, as they are typed; what is heavy is imported when one of them runs."""

import sys
from pathlib import Path
from typing import Literal

import click

from liendea_assets.cli.options import chosen_home, home_option


@click.command("send")
@click.option("--live", is_flag=True, help="Really send. Without it nothing goes out, and you see what would.")
@click.option("--campaign", metavar="NAME", help="This campaign alone.")
@click.option("--limit", type=click.IntRange(1), help="So many messages at most.")
@click.option("--wait", "wait_minutes", type=click.IntRange(0), default=60, show_default=True, help="Minutes to wait for rate limits.")
@home_option
def send(live: bool, campaign: str | None, limit: int | None, wait_minutes: int, home: Path | None) -> None:
    """Send the queued e-mails that are due, of active campaigns whose version is approved (docs/sending.md).

    Each message is sent at most once, also when this is killed. Ctrl-C ends it after the message under way. Exit code 1: a mailbox could
    not send, or it is not known whether a message went out (liendea uncertain list).
    """
    from liendea_assets.cli.send import rehearse_sending, send_queued

    if live:
        sys.exit(send_queued(chosen_home(home), campaign, limit, 60.0 * wait_minutes))
    rehearse_sending(chosen_home(home), campaign, limit)


@click.group()
def uncertain() -> None:
    """E-mails of which nobody knows whether they went out. They are never sent again by themselves (docs/sending.md)."""


@uncertain.command("list")
@home_option
def uncertain_list(home: Path | None) -> None:
    """List them, with what happened."""
    from liendea_assets.cli.uncertain import show

    show(chosen_home(home))


@uncertain.command("settle")
@click.argument("message_id", type=int, metavar="[ID]", required=False)
@click.argument("outcome", type=click.Choice(["sent", "not-sent"]), required=False)
@click.option("--by", metavar="WHO", help="Who says so. Default: your user name on this machine.")
@click.option("--because", metavar="TEXT", help="What you saw.")
@click.option("--from-log", "log", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The log of the mail server.")
@click.option(
    "--from-maildir",
    "maildir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A Maildir that gets a copy of all that is sent.",
)
@click.option("--from-mailbox", "mailbox", metavar="NAME", help="A mailbox of outreach.yaml (inbox.sources) with copies of what is sent.")
@click.option("--folder", help="Another folder of that mailbox, such as Sent.")
@click.option("--complete", is_flag=True, help="The log or mailbox would hold every message; one that it lacks was not sent.")
@home_option
def uncertain_settle(
    message_id: int | None,
    outcome: Literal["sent", "not-sent"] | None,
    by: str | None,
    because: str | None,
    log: Path | None,
    maildir: Path | None,
    mailbox: str | None,
    folder: str | None,
    complete: bool,
    home: Path | None,
) -> None:
    """Say what became of message ID, or let a log or a mailbox say it of all. What was not sent is queued again."""
    from liendea_assets.cli.uncertain import in_configured, settle_all, settle_one
    from liendea_assets.outreach.settling import in_log, in_maildir

    evidence = [one for one in (log, maildir, mailbox) if one is not None]
    if len(evidence) == (message_id is None) and (folder is None or mailbox is not None):
        if message_id is None:
            if mailbox is not None:
                find, source = in_configured(chosen_home(home), mailbox, folder), "/".join(filter(None, (mailbox, folder)))
            elif log is not None:
                find, source = in_log(log), log.name
            else:
                assert maildir is not None
                find, source = in_maildir(maildir), maildir.name
            settle_all(chosen_home(home), find, source, by, is_complete=complete)
            return
        if outcome is not None and because:
            settle_one(chosen_home(home), message_id, by, because, is_sent=outcome == "sent")
            return
    evidences = "--from-log FILE, --from-maildir FOLDER, --from-mailbox NAME"
    raise click.UsageError(f"say ID, sent or not-sent, and --because TEXT; or one of {evidences}")


SEND_COMMANDS = (send, uncertain)
