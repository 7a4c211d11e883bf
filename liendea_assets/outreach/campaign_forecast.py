"""When a campaign's messages would go out, by limits and delays, if nobody answered. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from liendea_assets.outreach.settings import CapSettings, MailboxSettings, WindowSettings

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_DAYS = 730


@dataclass(frozen=True, slots=True)
class ForecastDay:
    """Messages of one day: first ones, and follow-ups."""

    day: date
    first: int
    follow_ups: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody in the audience.

    Attributes:
        company: whom the cap on companies counts together; None for nobody else.
        sent: how many steps went out already. last_on: when the last of them did.
    """

    contact_id: int
    company: object = None
    sent: int = 0
    last_on: date | None = None


def forecast(
    readers: Sequence[Reader],
    delays: Sequence[int],
    daily_limit: int,
    mailboxes: Sequence[MailboxSettings],
    mailbox_days: Mapping[str, int],
    window: WindowSettings,
    caps: CapSettings,
    first_day: date,
    last_day: date | None = None,
    most_a_day: int | None = None,
) -> list[ForecastDay]:
    """Every day on which something goes out, follow-ups before new people, until all have had every step or two years are over.

    Counted are the campaign's daily limit, mailboxes with their ramp, working days, delays and the cap on new people of a company; not
    counted are holidays, other campaigns, and answers, which end a sequence early.

    Args:
        readers: in the order in which they are served.
        mailbox_days: mailbox → days on which it sent already.
        last_day: of the campaign. most_a_day: what the limits of rate_limits.yaml leave in a day.
    """
    waiting = deque(reader for reader in readers if reader.sent == 0)
    due = {reader.contact_id: (reader.sent, reader.last_on or first_day) for reader in readers if 0 < reader.sent < len(delays)}
    recent: dict[object, deque[date]] = {}
    days_sent = {mailbox.name: mailbox_days.get(mailbox.name, 0) for mailbox in mailboxes}
    found: list[ForecastDay] = []
    day = first_day
    while (waiting or due) and day < first_day + timedelta(days=LONGEST_DAYS) and (last_day is None or day <= last_day):
        if _DAYS[day.weekday()] in window.days:
            capacity = sum(min(box.daily_limit, box.ramp_from + box.ramp_step * days_sent[box.name]) for box in mailboxes)
            free = min(daily_limit, capacity, capacity if most_a_day is None else most_a_day)
            follow_ups = _follow_up(due, delays, free, day, caps.days_between_messages)
            first = _begin(waiting, due, recent, len(delays), free - follow_ups, day, caps.company_people_per_week)
            if first or follow_ups:
                found.append(ForecastDay(day, first, follow_ups))
                days_sent = {name: count + 1 for name, count in days_sent.items()}
        day += timedelta(days=1)
    return found


def _follow_up(due: dict[int, tuple[int, date]], delays: Sequence[int], free: int, day: date, least: int) -> int:
    """Sends what is due, the longest waiting first. Returns how many."""
    ready = [
        (last + timedelta(days=max(delays[sent], least)), contact_id)
        for contact_id, (sent, last) in due.items()
        if last + timedelta(days=max(delays[sent], least)) <= day
    ]
    chosen = [contact_id for _, contact_id in sorted(ready)[:free]]
    for contact_id in chosen:
        sent = due[contact_id][0] + 1
        if sent < len(delays):
            due[contact_id] = (sent, day)
        else:
            del due[contact_id]
    return len(chosen)


def _begin(
    waiting: deque[Reader], due: dict[int, tuple[int, date]], recent: dict[object, deque[date]], steps: int, free: int, day: date, most: int
) -> int:
    """Writes to new people as far as their companies' caps allow. Returns how many."""
    passed: list[Reader] = []
    begun = 0
    while waiting and begun < free:
        reader = waiting.popleft()
        of_company = recent.setdefault(reader.company, deque()) if reader.company is not None else deque()
        while of_company and of_company[0] <= day - timedelta(days=7):
            of_company.popleft()
        if len(of_company) >= most:
            passed.append(reader)
            continue
        of_company.append(day)
        begun += 1
        if steps > 1:
            due[reader.contact_id] = (1, day)
    waiting.extendleft(reversed(passed))
    return begun
