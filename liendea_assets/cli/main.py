"""The commands. Nothing heavy is imported before a command needs it, so that --help answers at once."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Literal

import click

from liendea_assets import __version__
from liendea_assets.cli.campaign_commands import CAMPAIGN_COMMANDS
from liendea_assets.cli.desk_commands import DESK_ABOVE, DESK_COMMANDS
from liendea_assets.cli.gate_commands import GATE_COMMANDS
from liendea_assets.cli.inbox_commands import INBOX_COMMANDS
from liendea_assets.cli.linkedin_list_commands import LINKEDIN_LIST_COMMANDS
from liendea_assets.cli.options import chosen_home, home_option
from liendea_assets.cli.scoring_commands import SCORING_COMMANDS
from liendea_assets.cli.send_commands import SEND_COMMANDS
from liendea_assets.core.errors import LiendeaError
from liendea_assets.core.home import Home

# what a command's exit code says; 2 is click's own for wrong usage
FAILED = 1


class _Commands(click.Group):
    """Shows the package's own errors as one clear message."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except LiendeaError as error:
            click.echo(f"liendea: {error}", err=True)
            sys.exit(FAILED)


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="liendea")
def liendea() -> None:
    """From LinkedIn exports and GTM spreadsheets to a ranked, explained and lawful outreach list."""


@liendea.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--sample", is_flag=True, help="Add the invented sample inbox, and let the sandbox stand in for Reach.")
def init(directory: Path, sample: bool) -> None:
    """Make a new home in DIRECTORY, with commented default config. What is there already is left as it is."""
    from liendea_assets.cli.init import make_home

    for line in make_home(Home(directory.expanduser().resolve()), with_sample=sample):
        click.echo(line)


@liendea.command()
@home_option
def run(home: Path | None) -> None:
    """Materialise everything once and print what came out.

    Exit code 0: every asset and every check passed, warnings apart. 1: an asset or a blocking check failed. 3: everything ran, but
    another check failed; the summary says which (a file that could not be imported, for example).
    """
    from liendea_assets.cli.run import run_once

    sys.exit(run_once(chosen_home(home)))


@liendea.command()
@home_option
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Loopback port of the UI.")
@click.option(
    "--desk-port", type=click.IntRange(1, 65534), help="Of the desk; the public pages get the next one. Default: 80 above the UI's."
)
def dev(home: Path | None, port: int, desk_port: int | None) -> None:
    """Open the Dagster UI with its daemon (schedules and sensors), and the desk, on this machine. Ctrl-C ends it."""
    from liendea_assets.cli.dev import serve

    sys.exit(serve(chosen_home(home), port, desk_port or port + DESK_ABOVE))


@liendea.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="Loopback port; 0 for any that is free.")
@click.option("--faults", default="", metavar="PLAN", help="What goes wrong: NAME, NAME:SHARE, NAME@FIRST-LAST, parted by commas.")
@click.option("--share", type=click.FloatRange(0, 1), help="Of all requests, for the faults that say none. Default: 0.1.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The n-th request meets the same fault every time.")
@click.option("--windows", default="10/60,400/3600,5000/86400", show_default=True, help="Limits that it keeps: REQUESTS/SECONDS, …")
@click.option("--latency", default="0", show_default=True, metavar="SECONDS", help="How long an answer takes, such as 0.2 or 0-1.5.")
@click.option("--list", "is_list", is_flag=True, help="List what can go wrong, and end.")
@click.option("--week", "is_week", is_flag=True, help="Live through a week of a campaign on a simulated clock instead, and end.")
def sandbox(port: int, faults: str, share: float | None, seed: int, windows: str, latency: str, is_list: bool, is_week: bool) -> None:
    """Serve a stand-in for Reach that misbehaves as it is told, and count what it did (docs/sandbox.md). Ctrl-C ends it.

    It knows the invented people of the sample, listens on this machine only, and counts its windows on its own clock.
    """
    from liendea_assets.cli.sandbox import list_faults, serve_sandbox
    from liendea_assets.sandbox.fault_plan import parse_latency, parse_plan, parse_windows

    if is_list:
        list_faults()
        return
    if is_week:
        from rich.console import Console

        from liendea_assets.cli.week import show_week

        sys.exit(show_week(seed, Console(highlight=False)))
    plan = parse_plan(faults, "--faults", share, seed, parse_latency(latency, "--latency"))
    serve_sandbox(port, plan, parse_windows(windows, "--windows"))


@liendea.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rows", type=click.IntRange(0, 1000), default=5, show_default=True, help="How many rows to show of each table.")
@home_option
def preview(file: Path, rows: int, home: Path | None) -> None:
    """Show what an import of FILE would do, without writing anything.

    The tables and headers found, which column is which field, the first rows as they would land, what would be refused and why, and
    who would be merged with whom. For a layout that is not known it proposes a mapping to paste into config/imports.yaml.
    """
    from liendea_assets.cli.preview import show_preview

    sys.exit(0 if show_preview(chosen_home(home), file, rows) else FAILED)


@liendea.group()
def merges() -> None:
    """Who may be one person, and what you say about it. Every decision can be undone."""


_entity_option = click.option("--companies", "entity", flag_value="company", help="About companies.")


@merges.command("review")
@click.option(
    "--export",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write them to this XLSX or CSV file, to fill in and drop into the inbox.",
)
@home_option
def merges_review(export: Path | None, home: Path | None) -> None:
    """List pairs that are likely, and not surely, one, with the evidence."""
    from liendea_assets.cli.merges import export_reviews, show_reviews

    if export is None:
        show_reviews(chosen_home(home))
    else:
        export_reviews(chosen_home(home), export)


@merges.command("list")
@home_option
def merges_list(home: Path | None) -> None:
    """List all decisions with where they came from, the undone ones too."""
    from liendea_assets.cli.merges import show_decisions

    show_decisions(chosen_home(home))


@merges.command("same")
@click.argument("left_id", type=int)
@click.argument("right_id", type=int)
@_entity_option
@home_option
def merges_same(left_id: int, right_id: int, entity: Literal["company"] | None, home: Path | None) -> None:
    """Say that two contacts are one."""
    from liendea_assets.cli.merges import decide

    decide(chosen_home(home), entity or "contact", "same", left_id, right_id)


@merges.command("different")
@click.argument("left_id", type=int)
@click.argument("right_id", type=int)
@_entity_option
@home_option
def merges_different(left_id: int, right_id: int, entity: Literal["company"] | None, home: Path | None) -> None:
    """Say that two contacts are not one."""
    from liendea_assets.cli.merges import decide

    decide(chosen_home(home), entity or "contact", "different", left_id, right_id)


@merges.command("part")
@click.argument("row")
@_entity_option
@home_option
def merges_part(row: str, entity: Literal["company"] | None, home: Path | None) -> None:
    """Say that a source ROW (gtm:17) is about somebody else than the contact that it was merged into."""
    from liendea_assets.cli.merges import part_row

    part_row(chosen_home(home), entity or "contact", row)


@merges.command("undo")
@click.argument("decision_id", type=int)
@home_option
def merges_undo(decision_id: int, home: Path | None) -> None:
    """Take a decision back: the former contacts are there again, with their ids and all that hangs on them."""
    from liendea_assets.cli.merges import undo

    undo(chosen_home(home), decision_id)


@liendea.group()
def person() -> None:
    """One contact: where its values come from, and values set by hand."""


@person.command("show")
@click.argument("contact_id", type=int)
@home_option
def person_show(contact_id: int, home: Path | None) -> None:
    """Show a contact's values with source, file and date, and the rows that made it with the reasons."""
    from liendea_assets.cli.person import show_person

    show_person(chosen_home(home), contact_id)


@person.command("set")
@click.argument("contact_id", type=int)
@click.argument("field")
@click.argument("value", required=False)
@home_option
def person_set(contact_id: int, field: str, value: str | None, home: Path | None) -> None:
    """Set FIELD of a contact to a VALUE that no import overwrites; without VALUE, take that back."""
    from liendea_assets.cli.person import set_value

    set_value(chosen_home(home), contact_id, field, value)


@liendea.command()
@click.option(
    "--export",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all of them to this XLSX or CSV file; a name without a folder stands in data/exports.",
)
@click.option("--accounts", "of_accounts", is_flag=True, help="Companies instead of people.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many to print.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="An earlier day, by the backup that was made on it.")
@home_option
def targets(export: Path | None, of_accounts: bool, limit: int, as_of: datetime | None, home: Path | None) -> None:
    """List who is worth working, the best first (docs/targets.md)."""
    from liendea_assets.cli.targets import export_targets, show_targets

    day = as_of.date() if as_of else None
    if export is None:
        show_targets(chosen_home(home), limit, day, of_accounts=of_accounts)
    else:
        export_targets(chosen_home(home), export, day, of_accounts=of_accounts)


@liendea.group()
def outcome() -> None:
    """What became of contacts: meetings and replies, which the back-test of the scores rests on (docs/targets.md)."""


@outcome.command("add")
@click.argument("contact_id", type=int)
@click.argument("kind", type=click.Choice(["meeting", "positive_reply", "negative_reply"]))
@click.option("--date", "happened_on", type=click.DateTime(["%Y-%m-%d"]), help="When it happened, as YYYY-MM-DD. Default: today.")
@home_option
def outcome_add(
    contact_id: int, kind: Literal["meeting", "positive_reply", "negative_reply"], happened_on: datetime | None, home: Path | None
) -> None:
    """Note a meeting, or a reply of a human, with the score that the contact had then."""
    from liendea_assets.cli.outcomes import add

    add(chosen_home(home), contact_id, kind, happened_on.date() if happened_on else None)


@outcome.command("list")
@home_option
def outcome_list(home: Path | None) -> None:
    """List all outcomes, the undone ones too."""
    from liendea_assets.cli.outcomes import show

    show(chosen_home(home))


@outcome.command("undo")
@click.argument("outcome_id", type=int)
@home_option
def outcome_undo(outcome_id: int, home: Path | None) -> None:
    """Take an outcome back; the target's status goes back with it."""
    from liendea_assets.cli.outcomes import undo

    undo(chosen_home(home), outcome_id)


@liendea.command("forecast")
@home_option
def forecast(home: Path | None) -> None:
    """Show what asking everybody who is due would take: contacts, calls, minutes, credits; and what the last days did cost."""
    from liendea_assets.cli.forecast import print_forecast

    print_forecast(chosen_home(home))


@liendea.group()
def provider() -> None:
    """Who can be asked about contacts: the files in config/providers (docs/providers.md)."""


@provider.command("list")
@home_option
def provider_list(home: Path | None) -> None:
    """List the providers: who is asked, how, within which limits, and what it costs."""
    from liendea_assets.cli.provider import list_providers

    list_providers(chosen_home(home))


@provider.command("check")
@click.argument("name")
@click.option(
    "--ask",
    "asked",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Whom to ask about (email, linkedin_url, first_name, last_name, company, domain, reach_id). Default: somebody invented.",
)
@home_option
def provider_check(name: str, asked: tuple[str, ...], home: Path | None) -> None:
    """Check config/providers/NAME.yaml, ask once, and show what was found, what it cost and what would be mapped.

    The call counts against the limits and may cost credits; nothing of the answer is stored. Exit code 1: the answer does not fit.
    """
    from liendea_assets.cli.provider import check_provider

    wrong = [pair for pair in asked if "=" not in pair]
    if wrong:
        raise click.UsageError("--ask takes FIELD=VALUE, such as email=robin@acme.example")
    sys.exit(check_provider(chosen_home(home), name, dict(pair.split("=", 1) for pair in asked)))


_account_option = click.option("--account", default="me", show_default=True, help="A name of yours for the colleague whose data it is.")


@liendea.group()
def linkedin() -> None:
    """A colleague's own data through LinkedIn's Member Data Portability API (EEA and Switzerland; see docs/linkedin.md)."""


@linkedin.command()
@home_option
@_account_option
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True, help="Loopback port of the redirect address.")
@click.option("--no-browser", is_flag=True, help="Print the address of LinkedIn's page instead of opening it.")
@click.option("--paste-token", is_flag=True, help="Take a token from the token generator of LinkedIn's developer portal.")
def authorise(home: Path | None, account: str, port: int, no_browser: bool, paste_token: bool) -> None:
    """Let the colleague give access at LinkedIn; the token is kept encrypted in this home."""
    from liendea_assets.cli import linkedin as commands

    if paste_token:
        commands.keep_token(chosen_home(home), account, click.prompt("Token", hide_input=True))
    else:
        commands.authorise(chosen_home(home), account, port, opens_browser=not no_browser)


@linkedin.command()
@home_option
@_account_option
def fetch(home: Path | None, account: str) -> None:
    """Fetch the data into data/inbox, within rate_limits.yaml. Stop it at any time; it goes on where it stopped."""
    from liendea_assets.cli import linkedin as commands

    commands.fetch(chosen_home(home), account)


@linkedin.command()
@home_option
@_account_option
def forget(home: Path | None, account: str) -> None:
    """Delete the token and what of a fetch is not imported yet. What was imported stays."""
    from liendea_assets.cli import linkedin as commands

    commands.forget(chosen_home(home), account)


for command in (
    *CAMPAIGN_COMMANDS, *DESK_COMMANDS, *GATE_COMMANDS, *INBOX_COMMANDS, *LINKEDIN_LIST_COMMANDS, *SCORING_COMMANDS, *SEND_COMMANDS
):  # fmt: skip
    liendea.add_command(command)
