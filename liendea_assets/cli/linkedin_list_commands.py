"""`liendea linkedin-list`, as it is typed; what is heavy is imported when a command runs."""

from datetime import datetime
from pathlib import Path

import click

from liendea_assets.cli.options import chosen_home, home_option


@click.group("linkedin-list")
def linkedin_list() -> None:
    """People to write to on LinkedIn by hand, and what you did (docs/linkedin-list.md). LIENDEA never logs in there."""


_entry = click.argument("entry_id", metavar="ID", type=int)
_by = click.option("--by", metavar="WHO", help="Who did it. Default: your name on this machine.")
_invitation = click.option("--invitation/--no-invitation", default=None, help="Whether it was an invitation. Default: by the team's ties.")
_note = click.option("--note/--no-note", default=None, help="Whether the invitation had a note. Default: where the text is short enough.")


@linkedin_list.command("show")
@home_option
def show(home: Path | None) -> None:
    """Print today's list with suggested messages and guidance, and what the budgets have left."""
    from rich.console import Console

    from liendea_assets.cli import linkedin_list as commands

    commands.show(chosen_home(home), Console(highlight=False))


@linkedin_list.command("done")
@_entry
@_by
@_invitation
@_note
@home_option
def done(entry_id: int, by: str | None, invitation: bool | None, note: bool | None, home: Path | None) -> None:
    """Say that you wrote to the person of entry ID. It counts against the budgets."""
    from liendea_assets.cli import linkedin_list as commands

    commands.act(chosen_home(home), entry_id, "done", by, is_invitation=invitation, has_note=note)


@linkedin_list.command("replied")
@_entry
@_by
@home_option
def replied(entry_id: int, by: str | None, home: Path | None) -> None:
    """Say that they answered: nothing more is sent to them and their company by itself."""
    from liendea_assets.cli import linkedin_list as commands

    commands.act(chosen_home(home), entry_id, "replied", by)


@linkedin_list.command("skip")
@_entry
@_by
@home_option
def skip(entry_id: int, by: str | None, home: Path | None) -> None:
    """Pass a person over, for linkedin.skip_days of outreach.yaml."""
    from liendea_assets.cli import linkedin_list as commands

    commands.act(chosen_home(home), entry_id, "skip", by)


@linkedin_list.command("not-now")
@_entry
@_by
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Not before this day. Default: linkedin.cool_down_days from today.")
@home_option
def not_now(entry_id: int, by: str | None, until: datetime | None, home: Path | None) -> None:
    """Put a person off."""
    from liendea_assets.cli import linkedin_list as commands

    commands.act(chosen_home(home), entry_id, "not_now", by, until.date() if until else None)


@linkedin_list.command("undo")
@_entry
@home_option
def undo(entry_id: int, home: Path | None) -> None:
    """Take back what was last said about entry ID, with all that followed from it."""
    from liendea_assets.cli import linkedin_list as commands

    commands.undo(chosen_home(home), entry_id)


LINKEDIN_LIST_COMMANDS = (linkedin_list,)
