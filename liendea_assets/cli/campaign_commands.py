"""`liendea campaign …`, as it is typed; what is heavy is imported when one of the commands runs."""

import sys
from pathlib import Path

import click

from liendea_assets.cli.options import chosen_home, home_option


@click.group()
def campaign() -> None:
    """Campaigns: what they would write to whom and when, and who said that they may be sent (docs/campaigns.md)."""


@campaign.command("list")
@home_option
def campaign_list(home: Path | None) -> None:
    """List the campaigns with their status, approval and what became of their messages."""
    from liendea_assets.cli.campaigns import list_campaigns

    list_campaigns(chosen_home(home))


@campaign.command("check")
@click.argument("name")
@click.option("--full", is_flag=True, help="Print each message in full, as it would go out.")
@click.option("--contact", "contact_id", type=int, help="Show what this contact would get, instead of the best ten.")
@home_option
def campaign_check(name: str, full: bool, contact_id: int | None, home: Path | None) -> None:
    """Show what the campaign NAME would do, without writing anything.

    How many people it is for, what the best ten of them would get, what is wrong with it (variables, spam signs, length, links, what the
    law wants), and when it would end. Exit code 1: there are errors.
    """
    from liendea_assets.cli.campaigns import check, show_person

    found = chosen_home(home)
    sys.exit(0 if (check(found, name, full=full) if contact_id is None else show_person(found, name, contact_id, full=full)) else 1)


@campaign.command("show")
@click.argument("name")
@home_option
def campaign_show(name: str, home: Path | None) -> None:
    """Show the steps of the campaign NAME, its approvals, and how each variant fares."""
    from liendea_assets.cli.campaigns import show

    show(chosen_home(home), name)


@campaign.command("approve")
@click.argument("name")
@click.option("--version", metavar="HASH", help="Only if this is the version in force: the one that `check` has shown.")
@click.option("--by", metavar="WHO", help="Who approves. Default: your name on this machine.")
@home_option
def campaign_approve(name: str, version: str | None, by: str | None, home: Path | None) -> None:
    """Say that the campaign NAME may be sent exactly as it is now; any change of it ends the approval. Refused while there are errors."""
    from liendea_assets.cli.campaigns import approve

    sys.exit(0 if approve(chosen_home(home), name, version, by) else 1)


@campaign.command("revoke")
@click.argument("name")
@home_option
def campaign_revoke(name: str, home: Path | None) -> None:
    """Take the approval of the campaign NAME back: nothing of it is sent any more."""
    from liendea_assets.cli.campaigns import revoke

    revoke(chosen_home(home), name)


CAMPAIGN_COMMANDS = (campaign,)
