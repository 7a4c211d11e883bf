"""A week of a campaign on a simulated clock: queue, send, get answers, read them, hour by hour; and what must hold in the end."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, to_records
from liendea_assets.sandbox import week_store as store
from liendea_assets.sandbox.mail_server import MailSink
from liendea_assets.sandbox.simulated_clock import SimulatedClock

DAYS = 7
# of the entry that marks the key; it is nobody's
MARK = "marks the key"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Office:
    """What happens in an hour; each is one call of what `liendea` does for real.

    Attributes:
        fill_queue: at a moment.
        send: what is due, over SMTP; returns why messages stay where they are, reason → how many.
        read_inbox: what came back, with all that follows from it.
    """

    fill_queue: Callable[[datetime], object]
    send: Callable[[], Mapping[str, int]]
    read_inbox: Callable[[], object]


@dataclass(slots=True)
class Day:
    """What a day brought.

    Attributes:
        first, follow_ups: messages sent. back: kind of message → how many came back.
        stopped, suppressed: reason → how many. waits: why messages stayed in the queue at the last look of the day.
    """

    begins: datetime
    first: int = 0
    follow_ups: int = 0
    back: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)


def next_monday(now: datetime) -> datetime:
    """The beginning of the next week, UTC."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=7 - midnight.weekday())


def live_through(db: Database, office: Office, sink: MailSink, clock: SimulatedClock, days: int = DAYS) -> Iterator[Day]:
    """Lives through days, each of which is yielded when it is over."""
    for _ in range(days):
        begins = clock.now()
        waits: Counter[str] = Counter()
        for hour in range(24):
            clock.go_to(begins + hour * _HOUR)
            office.fill_queue(clock.now())
            waits = Counter(office.send()) or waits
            sink.deliver_due()
            office.read_inbox()
        clock.go_to(begins + timedelta(days=1))
        yield _tell(db, begins, clock.now(), waits)


def _tell(db: Database, begins: datetime, ends: datetime, waits: Counter[str]) -> Day:
    day = Day(begins, waits=waits)
    since, until = to_text(begins), to_text(ends)

    def within(rows: list[dict[str, object]], column: str) -> list[dict[str, object]]:
        return [row for row in rows if since <= str(row[column]) < until]

    for row in within(to_records(store.read_sent(db)), "sent_at"):
        if row["number"] == 1:
            day.first += 1
        else:
            day.follow_ups += 1
    day.back.update(str(row["kind"]) for row in within(to_records(store.read_came_back(db)), "read_at"))
    day.stopped.update(str(row["reason"]) for row in within(to_records(store.read_stops(db)), "stopped_at"))
    day.suppressed.update(
        str(row["reason"]) for row in within(to_records(store.read_suppressions(db)), "created_at") if row["reason"] != MARK
    )
    return day
