"""`liendea inbox` and `liendea suppression`, as they are typed; what is heavy is imported when one of them runs."""

from pathlib import Path

import click

from liendea_assets.cli.options import chosen_home, home_option

_KINDS = ("human_reply", "auto_reply", "auto_permanent", "unsubscribe", "bounce_hard", "bounce_soft", "complaint", "other")


@click.group()
def inbox() -> None:
    """What comes back: answers, absences, opt-outs, bounces, complaints (docs/inbox.md)."""


@inbox.command("read")
@home_option
def inbox_read(home: Path | None) -> None:
    """Read the mailboxes of config/outreach.yaml from where they were left, and act upon what is new."""
    import sys

    from liendea_assets.cli.inbox import read

    sys.exit(read(chosen_home(home)))


@inbox.command("list")
@click.option("--kind", type=click.Choice(_KINDS), help="Only these.")
@click.option("--unmatched", is_flag=True, help="Only those of which nobody knows what they are about.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True, help="The newest so many.")
@home_option
def inbox_list(kind: str | None, unmatched: bool, limit: int, home: Path | None) -> None:
    """List messages that came back, the newest first."""
    from liendea_assets.cli.inbox import show_list

    show_list(chosen_home(home), kind, unmatched, limit)


@inbox.command("show")
@click.argument("message_id", type=int)
@home_option
def inbox_show(message_id: int, home: Path | None) -> None:
    """Show a message with what the person wrote, its kind and why."""
    from liendea_assets.cli.inbox import show_one

    show_one(chosen_home(home), message_id)


@inbox.command("correct")
@click.argument("message_id", type=int)
@click.argument("kind", type=click.Choice(_KINDS))
@home_option
def inbox_correct(message_id: int, kind: str, home: Path | None) -> None:
    """Say what a message is. What followed from the former kind is taken back; what follows from KIND is done."""
    from liendea_assets.cli.inbox import correct_one

    correct_one(chosen_home(home), message_id, kind)


@click.group()
def suppression() -> None:
    """Who is never to be contacted: addresses, domains and LinkedIn profiles, kept as keyed hashes."""


@suppression.command("add")
@click.argument("values", nargs=-1, required=True)
@click.option("--reason", default="added by hand", show_default=True, help="Kept beside it; name nobody in it.")
@home_option
def suppression_add(values: tuple[str, ...], reason: str, home: Path | None) -> None:
    """Suppress addresses, domains or profiles at once: what waits for them is withdrawn."""
    from liendea_assets.cli.suppressions import add

    add(chosen_home(home), values, reason)


@suppression.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@home_option
def suppression_import(file: Path, home: Path | None) -> None:
    """Take in another tool's list (CSV: Mautic, lemlist, Apollo and others), plain or as SHA-256 or MD5 of addresses, or an export of ours.

    In a file with columns such as unsubscribed or do not contact, rows count where one of them says yes. Exit code 1: a row was not
    understood; the others are in force.
    """
    import sys

    from liendea_assets.cli.suppressions import import_file

    sys.exit(import_file(chosen_home(home), file))


@suppression.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@home_option
def suppression_export(file: Path, home: Path | None) -> None:
    """Write all entries to FILE (CSV): as hashes, with the readable value where a contact still has it."""
    from liendea_assets.cli.suppressions import export_file

    export_file(chosen_home(home), file)


@suppression.command("list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="The newest so many.")
@home_option
def suppression_list(limit: int, home: Path | None) -> None:
    """List entries with kind, reason and day."""
    from liendea_assets.cli.suppressions import show

    show(chosen_home(home), limit)


@suppression.command("count")
@home_option
def suppression_count(home: Path | None) -> None:
    """Count entries by kind, and contacts who stand among them."""
    from liendea_assets.cli.suppressions import count

    count(chosen_home(home))


INBOX_COMMANDS = (inbox, suppression)
