"""The day's list of people to write to on LinkedIn by hand, and what colleagues say they did. LIENDEA never logs in there."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import BadValue, UnknownRecord
from liendea_assets.db.connection import Database, to_records, transaction
from liendea_assets.outreach import linkedin_action_store as actions
from liendea_assets.outreach import linkedin_store as store
from liendea_assets.outreach.linkedin_guidance import Tie, advise
from liendea_assets.outreach.settings import LinkedInSettings
from liendea_assets.scoring.retarget import settle_status

Action = Literal["done", "replied", "skip", "not_now"]
ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One entry of the list.

    Attributes:
        id: of outreach_log; what the actions name.
        is_invitation: nobody of the team is connected with this person; where it was done, whether it was an invitation.
        may_have_note: the text is short enough to stand in an invitation.
        colleague: who has the strongest tie. last_exchange_on: YYYY-MM-DD of the last message between those two.
        mutual_connections: every colleague who is connected, the one with the strongest tie first.
        guidance: whose tie, how fresh it is, why this person, and what not to do; sentences for people.
        is_carried_over: listed on an earlier day, and untouched since.
        status: queued, sent, responded or cancelled. action: the last one that stands, with who, when (UTC text) and until when.
    """

    id: int
    contact_id: int
    campaign: str
    outreach_type: str
    full_name: str
    title: str | None
    company: str | None
    profile_url: str | None
    icp_score: int | None
    priority: int | None
    reason: str | None
    message: str
    is_invitation: bool
    may_have_note: bool
    colleague: str | None
    strength: float | None
    last_exchange_on: str | None
    mutual_connections: tuple[str, ...]
    guidance: tuple[str, ...]
    planned_on: str
    is_carried_over: bool
    status: str
    action: str | None
    acted_by: str | None
    acted_at: str | None
    until: str | None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.status == "queued"


def read_today(db: Database, day: date, settings: LinkedInSettings) -> list[ListedPerson]:
    """The list of a day: what is open, carried-over entries first, and what was done on it.

    Who was suppressed or stopped since the list was made does not stand on it.
    """
    rows = to_records(store.read_day(db, day.isoformat(), (day + timedelta(days=1)).isoformat()))
    stopped = store.read_stopped(db)
    rows = [row for row in rows if row["status"] != "queued" or row["person_id"] not in stopped]
    people = {row["person_id"] for row in rows}
    colleagues, exchanges = store.read_colleagues(db, people), store.read_last_exchanges(db, people)
    most = settings.note_characters
    return [
        _listed(row, day, colleagues.get(row["person_id"], []), exchanges.get((row["person_id"], row["owner_id"])), most) for row in rows
    ]


def record_action(
    db: Database,
    outreach_log_id: int,
    action: Action,
    by: str,
    now: datetime,
    settings: LinkedInSettings,
    *,
    until: date | None = None,
    is_invitation: bool | None = None,
    has_note: bool | None = None,
) -> bool:
    """Takes down what a colleague did about an entry. False where the same stands already; nothing is changed then.

    `done` counts against the budgets and makes the entry sent. `replied` means that they answered: it is done too, where that was not
    said before, and ends what is under way for the person and the company. `skip` and `not_now` take the entry off the list and leave
    the person alone for the days of the config, or until a day.

    Args:
        until: for `not_now` and `skip`: the first day on which the person may be listed again.
        is_invitation, has_note: for `done` and `replied`; None for an invitation where nobody is connected, and for a note
            with it where the text is short enough to be one.

    Raises:
        UnknownRecord: there is no such entry. BadValue: what does not fit what was done before, or a day that is not to come.
    """
    if until is not None and (action not in ("skip", "not_now") or until <= now.date()):
        raise BadValue("a day can be given to skip and not_now alone, and is one that is still to come")
    moment = to_text(now)
    with transaction(db) as connection:
        entry = _found(actions.find_entry(connection, outreach_log_id), outreach_log_id)
        standing = actions.read_actions(connection, outreach_log_id)
        is_written = any(row["action"] == "done" for row in standing)
        put_off_until = _until(action, until, settings, now)
        if action in ("skip", "not_now") and is_written:
            raise BadValue(f"{outreach_log_id} was written to already; undo that first")
        is_same = bool(standing) and standing[-1]["action"] == action and (until is None or standing[-1]["until"] == put_off_until)
        if is_same or (action == "done" and is_written):
            return False
        is_invitation, has_note = _kind(entry, is_invitation, has_note, settings.note_characters)
        wanted: list[Action] = ["done", "replied"] if action == "replied" and not is_written else [action]
        for one in wanted:
            counts = one == "done"
            new = actions.NewAction(
                outreach_log_id=outreach_log_id,
                contact_id=int(str(entry["contact_id"])),
                action=one,
                is_invitation=counts and is_invitation,
                has_note=counts and has_note,
                until=put_off_until,
                acted_by=by,
                acted_at=moment,
            )
            action_id = actions.add_action(connection, new)
            if one == "replied":
                company_id = entry["company_id"]
                actions.add_stop(
                    connection, int(str(entry["person_id"])), None if company_id is None else int(str(company_id)), _stop(action_id), moment
                )
        actions.settle(connection, outreach_log_id)
    settle_status(db, int(str(entry["person_id"])))
    return True


def undo_action(db: Database, outreach_log_id: int, now: datetime) -> str | None:
    """Takes back what was last said about an entry, with all that followed from it. Returns what that was; None where nothing stood.

    Raises:
        UnknownRecord: there is no such entry.
    """
    with transaction(db) as connection:
        entry = _found(actions.find_entry(connection, outreach_log_id), outreach_log_id)
        standing = actions.read_actions(connection, outreach_log_id)
        if not standing:
            return None
        last = standing[-1]
        # an answer to what had not been said to be done was taken down as both
        for row in [row for row in standing if row["acted_at"] == last["acted_at"]]:
            actions.mark_undone(connection, int(str(row["id"])), to_text(now))
            actions.lift_stop(connection, _stop(int(str(row["id"]))), to_text(now))
        actions.settle(connection, outreach_log_id)
    settle_status(db, int(str(entry["person_id"])))
    return str(last["action"])


def _found(entry: dict[str, object] | None, outreach_log_id: int) -> dict[str, object]:
    if entry is None:
        raise UnknownRecord(f"there is no entry {outreach_log_id} for LinkedIn; `liendea linkedin-list show` tells them")
    return entry


def _kind(entry: dict[str, object], is_invitation: bool | None, has_note: bool | None, note_characters: int) -> tuple[bool, bool]:
    """Whether it is an invitation, and one with a note."""
    invites = not entry["has_tie"] and entry["outreach_type"] != "inmail" if is_invitation is None else is_invitation
    notes = len(str(entry["message"])) <= note_characters if has_note is None else has_note
    return invites, invites and notes


def _until(action: Action, until: date | None, settings: LinkedInSettings, now: datetime) -> str | None:
    if action not in ("skip", "not_now"):
        return None
    days = settings.skip_days if action == "skip" else settings.cool_down_days
    return f"{until or now.date() + timedelta(days=days)} 00:00:00.000000"


def _stop(action_id: int) -> str:
    """The reason of a stop, by which it is found again."""
    return f"answered on LinkedIn (action {action_id})"


def _listed(
    row: dict[str, object], day: date, colleagues: Sequence[str], last_exchange_on: str | None, note_characters: int
) -> ListedPerson:
    has_tie, message = row["owner_id"] is not None, str(row["message"])
    is_inmail = row["outreach_type"] == "inmail"
    is_invitation = bool(row["is_invitation"]) if row["action"] in ("done", "replied") else not has_tie and not is_inmail
    may_have_note = is_invitation and len(message) <= note_characters
    evidence = json.loads(str(row["evidence"])) if row["evidence"] else []
    tie = Tie(str(row["colleague"]), row["strength"], last_exchange_on, evidence) if has_tie else None  # type: ignore[arg-type]
    return ListedPerson(
        id=row["id"],  # type: ignore[arg-type]
        contact_id=row["contact_id"],  # type: ignore[arg-type]
        campaign=str(row["campaign"]),
        outreach_type=str(row["outreach_type"]),
        full_name=str(row["full_name"]),
        title=row["title"],  # type: ignore[arg-type]
        company=row["company"],  # type: ignore[arg-type]
        profile_url=row["linkedin_url"],  # type: ignore[arg-type]
        icp_score=row["icp_score"],  # type: ignore[arg-type]
        priority=row["priority"],  # type: ignore[arg-type]
        reason=row["targeting_reason"],  # type: ignore[arg-type]
        message=message,
        is_invitation=is_invitation,
        may_have_note=may_have_note,
        colleague=tie.colleague if tie else None,
        strength=tie.strength if tie else None,
        last_exchange_on=last_exchange_on,
        mutual_connections=tuple(colleagues),
        guidance=advise(tie, day, is_invitation=is_invitation, may_have_note=may_have_note, is_inmail=is_inmail),
        planned_on=str(row["planned_on"]),
        is_carried_over=row["status"] == "queued" and str(row["planned_on"]) < day.isoformat(),
        status=str(row["status"]),
        action=row["action"],  # type: ignore[arg-type]
        acted_by=row["acted_by"],  # type: ignore[arg-type]
        acted_at=row["acted_at"],  # type: ignore[arg-type]
        until=row["until"],  # type: ignore[arg-type]
    )
