"""The SQL of the ledger of calls: rate_limit_tracking, service_blocks, service_states, learned_limits, ledger_clock."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from liendea_assets.clients.circuit_breaker import Circuit
from liendea_assets.clients.ledger_time import Reading
from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database

READ_CLOCK = "SELECT boot, uptime_us, wall_us, ledger_us FROM ledger_clock WHERE id = 1"
KEEP_CLOCK = """
    INSERT INTO ledger_clock (id, boot, uptime_us, wall_us, ledger_us)
    VALUES (1, :boot, :uptime_us, :wall_us, :ledger_us)
    ON CONFLICT (id) DO UPDATE SET
        boot = excluded.boot, uptime_us = excluded.uptime_us, wall_us = excluded.wall_us, ledger_us = excluded.ledger_us
"""
NEWEST_TIME = "SELECT coalesce(max(ends_us), 0) FROM rate_limit_tracking"
# An index each: where the ledger has a million rows, these look at as many of them as where it has a thousand.
NTH_NEWEST = """
    SELECT ends_us
    FROM rate_limit_tracking
    WHERE service = :service
        AND number <= (SELECT max(number) FROM rate_limit_tracking WHERE service = :service) - :n + 1
    ORDER BY number DESC
    LIMIT 1
"""
NTH_NEWEST_OF_ACTION = """
    SELECT ends_us
    FROM rate_limit_tracking
    WHERE service = :service
        AND action_type = :action
        AND action_number
            <= (SELECT max(action_number) FROM rate_limit_tracking WHERE service = :service AND action_type = :action) - :n + 1
    ORDER BY action_number DESC
    LIMIT 1
"""
READ_UNDER_WAY = """
    SELECT id, action_type, ends_us FROM rate_limit_tracking WHERE service = :service AND number IS NULL ORDER BY ends_us, id
"""
ADD_ATTEMPT = """
    INSERT INTO rate_limit_tracking (service, action_type, timestamp, success, outcome, ends_us, is_retry)
    VALUES (:service, :action, :latest_end, NULL, 'in flight', :ends_us, :is_retry)
    RETURNING id
"""
NUMBER_ATTEMPT = """
    UPDATE rate_limit_tracking
    SET ends_us = :ends_us,
        number = (SELECT coalesce(max(number), 0) + 1 FROM rate_limit_tracking WHERE service = :service),
        action_number = (
            SELECT coalesce(max(action_number), 0) + 1 FROM rate_limit_tracking WHERE service = :service AND action_type = :action
        )
    WHERE id = :id
"""
END_ATTEMPT = """
    UPDATE rate_limit_tracking
    SET timestamp = :now,
        success = :success,
        outcome = :outcome,
        ends_us = :ends_us,
        number = (SELECT coalesce(max(number), 0) + 1 FROM rate_limit_tracking WHERE service = :service),
        action_number = (
            SELECT coalesce(max(action_number), 0) + 1 FROM rate_limit_tracking WHERE service = :service AND action_type = :action
        )
    WHERE id = :id
"""
DROP_ATTEMPT = "DELETE FROM rate_limit_tracking WHERE id = :id"
FIND_BLOCK = "SELECT until_us FROM service_blocks WHERE service = :service"
SET_BLOCK = """
    INSERT INTO service_blocks (service, blocked_until, until_us, reason)
    VALUES (:service, :until, :until_us, :reason)
    ON CONFLICT (service) DO UPDATE SET
        blocked_until = excluded.blocked_until, until_us = excluded.until_us, reason = excluded.reason
    WHERE excluded.until_us > service_blocks.until_us
"""
READ_STATE = """
    SELECT failures, openings, open_until_us, probe_id, retry_credit, allowance, allowance_until_us, next_start_us, starts
    FROM service_states
    WHERE service = :service
"""
KEEP_STATE = """
    INSERT INTO service_states (
        service, failures, openings, open_until_us, probe_id, retry_credit, allowance, allowance_until_us, next_start_us, starts
    )
    VALUES (
        :service, :failures, :openings, :open_until_us, :probe_id, :retry_credit, :allowance, :allowance_until_us, :next_start_us, :starts
    )
    ON CONFLICT (service) DO UPDATE SET
        failures = excluded.failures, openings = excluded.openings, open_until_us = excluded.open_until_us, probe_id = excluded.probe_id,
        retry_credit = excluded.retry_credit, allowance = excluded.allowance, allowance_until_us = excluded.allowance_until_us,
        next_start_us = excluded.next_start_us, starts = excluded.starts
"""
READ_LEARNED = "SELECT seconds, requests FROM learned_limits WHERE service = :service AND learned_us > :since_us ORDER BY seconds"
LEARN = """
    INSERT INTO learned_limits (service, seconds, requests, learned_us)
    VALUES (:service, :seconds, :requests, :now_us)
    ON CONFLICT (service, seconds) DO UPDATE SET requests = excluded.requests, learned_us = excluded.learned_us
"""
# Of a month these are 31 rows at most.
COUNT_CALLS = "SELECT coalesce(sum(calls), 0) FROM call_days WHERE payer = :payer AND day >= :start AND day < :end"
COUNT_CALL = """
    INSERT INTO call_days (payer, day, calls)
    VALUES (:payer, :day, 1)
    ON CONFLICT (payer, day) DO UPDATE SET calls = calls + 1
"""
TAKE_CALL_BACK = "UPDATE call_days SET calls = calls - 1 WHERE payer = :payer AND day = :day"
COUNT_SINCE = "SELECT count(*) FROM rate_limit_tracking WHERE service = :service AND timestamp > :since"

# Tenths of a retry: a call adds one, a retry takes ten, so that of many calls a tenth may be retried; so many are there to begin with.
RETRY_COST = 10
MOST_RETRY_CREDIT = 100


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An attempt without an end."""

    id: int
    action: str
    latest_end_us: int


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What all processes know of a service.

    Attributes:
        allowance: requests that the server said are left until `allowance_until_us`.
        next_start_us: before this, pacing lets nobody start.
        starts: calls that pacing has counted.
    """

    circuit: Circuit = field(default_factory=Circuit)
    retry_credit: int = MOST_RETRY_CREDIT
    allowance: int | None = None
    allowance_until_us: int = 0
    next_start_us: int = 0
    starts: int = 0


def read_clock(connection: sqlite3.Connection) -> Reading | None:
    """How the clocks stood when the ledger was last written."""
    row = connection.execute(READ_CLOCK).fetchone()
    return Reading(*row) if row else None


def newest_time_us(connection: sqlite3.Connection) -> int:
    """The latest moment in the ledger; it is not looked up by an index."""
    return int(connection.execute(NEWEST_TIME).fetchone()[0])


def keep_clock(connection: sqlite3.Connection, reading: Reading) -> None:
    """Keeps the reading that goes with what is written."""
    parameters = {
        "boot": reading.boot,
        "uptime_us": reading.uptime_us,
        "wall_us": reading.wall_us,
        "ledger_us": reading.ledger_us,
    }
    connection.execute(KEEP_CLOCK, parameters)


def nth_newest_us(connection: sqlite3.Connection, service: str, action: str | None, n: int) -> int | None:
    """The end of the n-th newest attempt that has ended, 1 being the newest; None where there are fewer.

    Args:
        action: None for those of all actions.
    """
    sql = NTH_NEWEST if action is None else NTH_NEWEST_OF_ACTION
    row = connection.execute(sql, {"service": service, "action": action, "n": n}).fetchone()
    return int(row[0]) if row else None


def read_under_way(connection: sqlite3.Connection, service: str) -> list[UnderWay]:
    """The attempts of a service that have not ended, by their latest ends."""
    return [UnderWay(*row) for row in connection.execute(READ_UNDER_WAY, {"service": service})]


def add_attempt(
    connection: sqlite3.Connection, service: str, action: str, latest_end_us: int, latest_end: datetime, *, is_retry: bool
) -> int:
    """Adds an attempt under way, within the caller's transaction. Returns its id."""
    parameters = {
        "service": service,
        "action": action,
        "latest_end": to_text(latest_end),
        "ends_us": latest_end_us,
        "is_retry": int(is_retry),
    }
    return int(connection.execute(ADD_ATTEMPT, parameters).fetchone()[0])


def number_attempt(connection: sqlite3.Connection, attempt_id: int, service: str, action: str, ends_us: int) -> None:
    """Gives an attempt whose process died its end; no attempt of the service that has ended may be later."""
    connection.execute(NUMBER_ATTEMPT, {"id": attempt_id, "service": service, "action": action, "ends_us": ends_us})


def end_attempt(
    connection: sqlite3.Connection,
    attempt_id: int,
    service: str,
    action: str,
    ends_us: int,
    now: datetime,
    outcome: str,
    *,
    is_success: bool,
) -> None:
    """Says how an attempt ended and when; no attempt of the service that has ended may be later."""
    parameters = {
        "id": attempt_id,
        "service": service,
        "action": action,
        "ends_us": ends_us,
        "now": to_text(now),
        "success": int(is_success),
        "outcome": outcome,
    }
    connection.execute(END_ATTEMPT, parameters)


def drop_attempt(connection: sqlite3.Connection, attempt_id: int) -> None:
    """Takes an attempt back that was never made."""
    connection.execute(DROP_ATTEMPT, {"id": attempt_id})


def count_calls(connection: sqlite3.Connection, payer: str, start: datetime, end: datetime) -> int:
    """Attempts that began for a payer in these days of UTC."""
    row = connection.execute(COUNT_CALLS, {"payer": payer, "start": to_text(start)[:10], "end": to_text(end)[:10]}).fetchone()
    return int(row[0])


def count_call(connection: sqlite3.Connection, payer: str, moment: datetime) -> None:
    """Counts an attempt that begins for a payer."""
    connection.execute(COUNT_CALL, {"payer": payer, "day": to_text(moment)[:10]})


def take_call_back(connection: sqlite3.Connection, payer: str, moment: datetime) -> None:
    """The attempt that began then was never made."""
    connection.execute(TAKE_CALL_BACK, {"payer": payer, "day": to_text(moment)[:10]})


def blocked_until_us(connection: sqlite3.Connection, service: str) -> int:
    """The end of the service's block, past or to come; 0 where it never had one."""
    row = connection.execute(FIND_BLOCK, {"service": service}).fetchone()
    return int(row[0]) if row else 0


def set_block(connection: sqlite3.Connection, service: str, until_us: int, until: datetime, reason: str) -> None:
    """Blocks a service for all processes; a longer block stays."""
    connection.execute(SET_BLOCK, {"service": service, "until": to_text(until), "until_us": until_us, "reason": reason})


def read_state(connection: sqlite3.Connection, service: str) -> ServiceState:
    """What is known of the service."""
    row = connection.execute(READ_STATE, {"service": service}).fetchone()
    return ServiceState(Circuit(*row[:4]), *row[4:]) if row else ServiceState()


def keep_state(connection: sqlite3.Connection, service: str, state: ServiceState) -> None:
    """Keeps what is known of the service."""
    circuit = state.circuit
    parameters = {
        "service": service,
        "failures": circuit.failures,
        "openings": circuit.openings,
        "open_until_us": circuit.open_until_us,
        "probe_id": circuit.probe_id,
        "retry_credit": state.retry_credit,
        "allowance": state.allowance,
        "allowance_until_us": state.allowance_until_us,
        "next_start_us": state.next_start_us,
        "starts": state.starts,
    }
    connection.execute(KEEP_STATE, parameters)


def read_learned(connection: sqlite3.Connection, service: str, since_us: int) -> tuple[tuple[int, int], ...]:
    """(seconds, requests) that the server has told since then."""
    return tuple((row[0], row[1]) for row in connection.execute(READ_LEARNED, {"service": service, "since_us": since_us}))


def learn(connection: sqlite3.Connection, service: str, windows: Iterable[tuple[int, int]], now_us: int) -> None:
    """Keeps the windows that the server tells."""
    rows = [{"service": service, "seconds": seconds, "requests": requests, "now_us": now_us} for seconds, requests in windows]
    connection.executemany(LEARN, rows)


def count_attempts(db: Database) -> int:
    """All attempts ever."""
    return int(db["rate_limit_tracking"].count)


def count_since(db: Database, service: str, now: datetime, seconds: int) -> int:
    """Attempts of a service in the window that ends now, those under way included."""
    since = to_text(now - timedelta(seconds=seconds))
    return int(db.conn.execute(COUNT_SINCE, {"service": service, "since": since}).fetchone()[0])
