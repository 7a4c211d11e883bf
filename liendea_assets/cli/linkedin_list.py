"""`liendea linkedin-list`: the people to write to on LinkedIn by hand, on the user's own terminal, and what was done."""

import getpass
from datetime import date

import click
from rich.console import Console
from rich.text import Text

from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.outreach import linkedin_list
from liendea_assets.outreach.linkedin_budgets import read_budgets
from liendea_assets.outreach.linkedin_csv import kind_of
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.resources import open_home_database


def show(home: Home, console: Console) -> None:
    """Prints today's list with guidance, and what the budgets have left."""
    settings = load_settings(OutreachSettings, home, "outreach.yaml").linkedin
    windows = load_settings(RateLimits, home, "rate_limits.yaml").linkedin.windows()
    db, now = open_home_database(home), SystemClock().now()
    people = linkedin_list.read_today(db, now.date(), settings)
    budgets = read_budgets(db.conn, settings, windows, now)
    db.conn.close()
    for person in people:
        _print_person(person, budgets.why_wait(is_invitation=person.is_invitation) if person.is_open else None, console)
    if not people:
        console.print("Nobody is listed. `liendea run` makes the day's list of campaigns of the type linkedin_message.")
    for budget in budgets.all():
        console.print(Text(str(budget)))


def act(
    home: Home,
    outreach_log_id: int,
    action: linkedin_list.Action,
    by: str | None,
    until: date | None = None,
    *,
    is_invitation: bool | None = None,
    has_note: bool | None = None,
) -> None:
    """Takes down what was done."""
    settings = load_settings(OutreachSettings, home, "outreach.yaml").linkedin
    windows = load_settings(RateLimits, home, "rate_limits.yaml").linkedin.windows()
    db, now = open_home_database(home), SystemClock().now()
    is_new = linkedin_list.record_action(
        db,
        outreach_log_id,
        action,
        by or getpass.getuser(),
        now,
        settings,
        until=until,
        is_invitation=is_invitation,
        has_note=has_note,
    )
    budgets = read_budgets(db.conn, settings, windows, now)
    db.conn.close()
    click.echo(f"Taken down: {action.replace('_', ' ')}." if is_new else "That stands already.")
    click.echo("\n".join(str(budget) for budget in budgets.all()))


def undo(home: Home, outreach_log_id: int) -> None:
    """Takes back what was said last."""
    db = open_home_database(home)
    undone = linkedin_list.undo_action(db, outreach_log_id, SystemClock().now())
    db.conn.close()
    click.echo("There is nothing to undo." if undone is None else f"Undone: {undone.replace('_', ' ')}.")


def _print_person(person: linkedin_list.ListedPerson, wait: str | None, console: Console) -> None:
    place = ", ".join(value for value in (person.title, person.company) if value)
    state = "" if person.is_open else f" [{(person.action or person.status).replace('_', ' ')} by {person.acted_by}]"
    since = f" (listed since {person.planned_on})" if person.is_carried_over else ""
    console.print(Text(f"{person.id}  {person.full_name}, {place}: {kind_of(person)}{state}{since}", style="bold"))
    if not person.is_open:
        return
    lines = [person.profile_url, f"Score {person.icp_score}. {person.reason}", *person.guidance]
    if len(person.mutual_connections) > 1:
        lines.append(f"Mutual connections: {', '.join(person.mutual_connections)}.")
    if wait is not None:
        lines.append(f"Not now: {wait}")
    for line in [line for line in lines if line]:
        console.print(Text(f"    {line}"))
    console.print(Text("\n".join(f"    | {line}" for line in person.message.splitlines())))
    console.print()
