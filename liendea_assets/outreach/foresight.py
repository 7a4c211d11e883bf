"""The gate for messages that are about to be claimed: what it needs to know about the next ones is read for all of them at once.

It counts as long as nobody has written anything to the database but the sender itself, and the sender nothing that concerns anybody
else. Whatever else is written, by whomever, makes it worthless, and the next message is judged by what is there then.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from sqlite3 import Connection

from liendea_assets.outreach import sending_store as store
from liendea_assets.outreach.claims import Bench, Gate, Verdict

MOST = 64
# Rules that look at the clock ask for facts of about now.
_KEEPS = timedelta(seconds=10)


class Foresight:
    """Judges rows in the order in which they are due.

    Args:
        due: ids of outreach_log.
    """

    def __init__(self, gate: Gate, due: Sequence[int]) -> None:
        self._gate = gate
        self._due = list(due)
        self._places = {id_: place for place, id_ in enumerate(self._due)}
        self._bench: Bench | None = None
        self._ids: frozenset[object] = frozenset()
        self._as_of: tuple[int, int] = (0, 0)
        self._read_at: datetime | None = None
        # while others write, what is read ahead is read in vain
        self._count = 1

    def judge(self, connection: Connection, row: Mapping[str, object], now: datetime) -> Verdict:
        """As the gate's own, within the transaction that claims the row."""
        is_valid = self._read_at is not None and now - _KEEPS <= self._read_at <= now and self._as_of == _state(connection)
        if not is_valid or row["id"] not in self._ids or self._bench is None:
            self._count = min(2 * self._count, MOST) if is_valid else 1
            self._bench = self._look_ahead(connection, row, now)
        return self._bench.judge(row, now)

    def keep(self, connection: Connection) -> None:
        """What this connection has written since the last verdict concerns nobody but the person who was judged last."""
        if self._as_of[0] == store.read_version(connection):
            self._as_of = _state(connection)

    def _look_ahead(self, connection: Connection, row: Mapping[str, object], now: datetime) -> Bench:
        id_ = row["id"]
        assert isinstance(id_, int)
        place = self._places[id_]
        rows = store.read_whom(connection, self._due[place : place + self._count])
        bench = self._gate.prepare(connection, rows, now)
        self._ids = frozenset(_each_person_once(bench, rows, id_))
        self._as_of, self._read_at = _state(connection), now
        return bench


def _each_person_once(bench: Bench, rows: Sequence[Mapping[str, object]], first: int) -> Iterator[object]:
    """Of two messages to one person, or to one address, the second is judged by what became of the first."""
    met: set[object] = set()
    for row in sorted(rows, key=lambda row: row["id"] != first):
        names = {*bench.same_person(row), str(row["recipient"]).casefold()}
        if not names & met:
            yield row["id"]
        met |= names


def _state(connection: Connection) -> tuple[int, int]:
    """What others' commits change, and what this connection's own writing changes."""
    return store.read_version(connection), connection.total_changes
