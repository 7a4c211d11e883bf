"""Six processes, their limiter and a server that counts arrivals, on a clock that is told to move: whatever happens in whatever order.

The server's time goes on by itself; the machine's wall clock is set, the machine is started anew, processes die in the middle of
attempts, their requests arrive late. A limiter is wrong where a window of the server is over, an attempt begins although the server
asked for a pause or the circuit is open, or nobody may begin although everything is free.
"""

import math
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from liendea_assets.clients.circuit_breaker import FAILURES_TO_OPEN, FIRST_PAUSE_US, LONGEST_PAUSE_US
from liendea_assets.clients.rate_limit import START_WITHIN_S, Attempt, RateLimiter
from liendea_assets.clients.windows import MARGIN_S
from liendea_assets.core.errors import LimitReached, ServiceUnavailable
from liendea_assets.db.connection import Database, transaction
from liendea_assets_tests.conftest import VirtualClock

SERVICE, BATCH = "reach", "batch"
WINDOWS = ((2, 2), (10, 4))
BATCH_WINDOWS = ((5, 1),)
LONGEST_MS = 3_000
PROCESSES = range(6)
# Longer than any window and any pause.
CERTAIN_MS = 60_000
TABLES = ("rate_limit_tracking", "service_blocks", "service_states", "learned_limits", "ledger_clock")

moments_ms = st.sampled_from([0, 1, 30, 400, 1_000, 1_900, 2_000, 2_011, 3_000, 5_000, 10_011, 31_000])


def run_machine(db: Database, limiter: type[RateLimiter], examples: int, *, is_shrunk: bool) -> int:
    """Lets things happen to a limiter, in so many ways of 50 steps. Returns the steps that were taken.

    Raises:
        AssertionError: the limiter is wrong.
    """
    db.conn.execute("PRAGMA synchronous=OFF")
    machine = type("Machine", (LimiterMachine,), {"db": db, "limiter": limiter})
    phases = (Phase.generate, Phase.shrink) if is_shrunk else (Phase.generate,)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=50,
        deadline=None,
        database=None,
        phases=phases,
        derandomize=not is_shrunk,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
    return int(getattr(machine, "steps"))  # noqa: B009 made here


@dataclass
class Call:
    """An attempt of a process, as the world sees it."""

    action: str
    began_ms: int
    attempt_id: int
    arrived: bool = False


@dataclass
class Circuit:
    """What the circuit has to be, told once more."""

    failures: int = 0
    openings: int = 0
    open_until_ms: int = 0
    probe: Call | None = None
    probe_until_ms: int = 0

    def open(self, now_ms: int) -> None:
        pause_ms = min(FIRST_PAUSE_US * 2**self.openings, LONGEST_PAUSE_US) // 1_000
        self.failures, self.openings, self.open_until_ms, self.probe = 0, self.openings + 1, now_ms + pause_ms, None


@dataclass
class World:
    """What is true."""

    now_ms: int = 0
    arrivals: list[tuple[int, str]] = field(default_factory=list)
    ends: list[tuple[int, str]] = field(default_factory=list)
    late: list[tuple[int, str]] = field(default_factory=list)
    blocked_until_ms: int = 0
    restarted_ms: int | None = None
    unseen_s: int = 0
    is_unseen_restart: bool = False


class LimiterMachine(RuleBasedStateMachine):
    """Set `db` and `limiter` in a subclass."""

    db: Database
    limiter: type[RateLimiter] = RateLimiter
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        with transaction(self.db) as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")
        self.clock, self.world, self.circuit = VirtualClock(), World(), Circuit()
        self.calls: dict[int, Call] = {}
        self.limiters = {process: self._start() for process in PROCESSES}

    def _start(self) -> RateLimiter:
        return self.limiter(self.db, self.clock, {SERVICE: WINDOWS, f"{SERVICE}/{BATCH}": BATCH_WINDOWS})

    @rule(process=st.sampled_from(PROCESSES), action=st.sampled_from(["match", BATCH]))
    def begin(self, process: int, action: str) -> None:
        """A process that makes no call wants to make one."""
        if process not in self.calls:
            self._begin(process, action)

    @rule(
        process=st.sampled_from(PROCESSES),
        action=st.sampled_from(["match", "match", BATCH]),
        takes_ms=st.lists(st.sampled_from([0, 0, 1_000, 1_900, LONGEST_MS]), min_size=1, max_size=6),
        is_up=st.sampled_from([True, False]),
    )
    def call_in_a_row(self, process: int, action: str, takes_ms: list[int], *, is_up: bool) -> None:
        """A process makes calls, each when it is told to, and each reaches the server at the last moment."""
        for takes in takes_ms:
            wait_s = 0.0 if process in self.calls else self._begin(process, action)
            if process not in self.calls and wait_s < CERTAIN_MS / 1_000:
                self.wait(math.ceil(wait_s * 1_000))
                self._begin(process, action)
            if process in self.calls:
                self.wait(takes)
            if process in self.calls:
                self._end(process, is_up=is_up)

    def _begin(self, process: int, action: str) -> float:
        """Begins an attempt, or tells the seconds after which there may be a slot."""
        limiter = self.limiters[process]
        if self.world.is_unseen_restart:
            self.world.is_unseen_restart, self.world.unseen_s = False, 0
        try:
            attempt_id = limiter.begin(SERVICE, action, longest_s=LONGEST_MS / 1_000, max_wait_s=0)
        except LimitReached as problem:
            assert not self._is_free(action), "everything is free, and nobody may begin"
            return problem.wait_s
        except ServiceUnavailable:
            assert self.circuit.openings, "the circuit is closed"
            return max(0.0, (self.circuit.open_until_ms - self.world.now_ms) / 1_000)
        now_ms = self.world.now_ms
        assert now_ms >= self.world.blocked_until_ms, "the server asked for a pause"
        assert now_ms >= self.circuit.open_until_ms, "the circuit is open"
        self.world.unseen_s = 0
        call = Call(action, now_ms, attempt_id)
        if self.circuit.openings:
            is_probed = self.circuit.probe is not None and now_ms < self.circuit.probe_until_ms
            assert not is_probed, "a second probe"
            self.circuit.probe, self.circuit.probe_until_ms = call, now_ms + LONGEST_MS
        self.calls[process] = call
        return 0.0

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        """A request reaches the server; its answer is still to come."""
        self._arrive(self.calls[data.draw(st.sampled_from(sorted(self.calls)))])

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), is_up=st.sampled_from([True, True, None, False, False, False]))
    def end(self, data: st.DataObject, is_up: bool | None) -> None:
        """An attempt ends, well or not."""
        self._end(data.draw(st.sampled_from(sorted(self.calls))), is_up=is_up)

    @rule(data=st.data(), kind=st.sampled_from(["kill", "kill", "wall clock", "wall clock", "pause", "restart"]))
    def trouble(self, data: st.DataObject, kind: str) -> None:
        """One rule for all of it, so that calls are made in between."""
        if kind == "kill" and self.calls:
            self._kill(data.draw(st.sampled_from(sorted(self.calls))), data.draw(st.integers(0, LONGEST_MS)))
        elif kind == "wall clock":
            self._set_the_wall_clock(data.draw(st.sampled_from([-86_400, -3_600, -1, 1, 3_600, 86_400])))
        elif kind == "pause":
            self._ask_for_a_pause(data.draw(st.sampled_from([500, 2_000, 20_000])))
        elif kind == "restart":
            self._restart_the_machine(data.draw(moments_ms), data.draw(st.sampled_from([0, 0, -1, -3_600])))

    def _kill(self, process: int, late_ms: int) -> None:
        """A process dies amid an attempt, and is started again; its request arrives when it likes."""
        call = self.calls.pop(process)
        latest_ms = call.began_ms + LONGEST_MS
        if not call.arrived:
            self.world.late.append((min(self.world.now_ms + late_ms, latest_ms), call.action))
        self.world.ends.append((latest_ms + round(START_WITHIN_S * 1_000), call.action))
        self.limiters[process] = self._start()

    @rule(ms=moments_ms)
    def wait(self, ms: int) -> None:
        """Time goes on; what has to happen in between does."""
        until_ms = self.world.now_ms + ms
        while True:
            deadlines = [(call.began_ms + LONGEST_MS, process) for process, call in self.calls.items()]
            late = sorted(self.world.late)[:1]
            next_ms = min([moment for moment, _ in deadlines] + [moment for moment, _ in late], default=until_ms)
            if next_ms >= until_ms:
                break
            self._move(next_ms)
            for moment, action in [one for one in self.world.late if one[0] <= next_ms]:
                self.world.late.remove((moment, action))
                self._count(action)
            for moment, process in deadlines:
                if moment <= next_ms:
                    self._end(process, is_up=False)
        self._move(until_ms)

    def _set_the_wall_clock(self, seconds: int) -> None:
        """By hand, by the network, by daylight saving."""
        if seconds > 0 and self.world.is_unseen_restart:
            # the one thing that nobody can know: a clock that is put forward while the machine is off, or before anybody looks
            return
        self.clock.set_wall(seconds)
        self.world.unseen_s += seconds

    def _restart_the_machine(self, off_ms: int, wall_s: int) -> None:
        """All processes die; the wall clock may be behind afterwards."""
        for process in list(self.calls):
            call = self.calls.pop(process)
            if not call.arrived:
                self._count(call.action)
            self.world.ends.append((call.began_ms + LONGEST_MS + round(START_WITHIN_S * 1_000), call.action))
        for _, action in self.world.late:
            self._count(action)
        self.world.late.clear()
        self._move(self.world.now_ms + off_ms)
        self.clock.reboot()
        self.world.is_unseen_restart = True
        self.clock.set_wall(wall_s - max(0, self.world.unseen_s))
        self.world.unseen_s = 0
        self.world.restarted_ms = self.world.now_ms
        self.limiters = {process: self._start() for process in PROCESSES}

    def _ask_for_a_pause(self, ms: int) -> None:
        """Retry-After, told to one process."""
        self.limiters[0].block(SERVICE, ms / 1_000, "status 429")
        self.world.unseen_s, self.world.is_unseen_restart = 0, False
        self.world.blocked_until_ms = max(self.world.blocked_until_ms, self.world.now_ms + ms)

    @invariant()
    def _count_the_step(self) -> None:
        type(self).steps += 1

    def _move(self, until_ms: int) -> None:
        self.clock.sleep((until_ms - self.world.now_ms) / 1_000)
        self.world.now_ms = until_ms

    def _end(self, process: int, *, is_up: bool | None) -> None:
        call, circuit = self.calls.pop(process), self.circuit
        self._arrive(call)
        self.limiters[process].end(call.attempt_id, SERVICE, call.action, Attempt(f"up: {is_up}", is_up is True, is_up))
        self.world.unseen_s = 0
        self.world.ends.append((self.world.now_ms, call.action))
        if circuit.openings == 0 and is_up is not None:
            circuit.failures = 0 if is_up else circuit.failures + 1
            if circuit.failures == FAILURES_TO_OPEN:
                circuit.open(self.world.now_ms)
        elif call is circuit.probe:
            if is_up:
                self.circuit = Circuit()
            elif is_up is None:
                circuit.probe = None
            else:
                circuit.open(self.world.now_ms)

    def _arrive(self, call: Call) -> None:
        if not call.arrived:
            call.arrived = True
            self._count(call.action)

    def _count(self, action: str) -> None:
        """The server counts an arrival, and looks whether a window is over."""
        self.world.arrivals.append((self.world.now_ms, action))
        for seconds, requests in WINDOWS:
            self._check([moment for moment, _ in self.world.arrivals], seconds, requests)
        for seconds, requests in BATCH_WINDOWS:
            self._check([moment for moment, told in self.world.arrivals if told == BATCH], seconds, requests)

    def _check(self, moments: list[int], seconds: int, requests: int) -> None:
        if len(moments) > requests:
            assert moments[-1] - moments[-1 - requests] >= seconds * 1_000, f"over {requests} in {seconds} s"

    def _is_free(self, action: str) -> bool:
        """Whether every reason to wait is certainly over; with attempts under way nothing is certain."""
        now_ms, restarted_ms = self.world.now_ms, self.world.restarted_ms
        if self.calls or self.circuit.openings or self.world.blocked_until_ms > now_ms:
            return False
        if restarted_ms is not None and now_ms < restarted_ms + CERTAIN_MS:
            # the wall clock may have told nothing of the time that the machine was off
            return False
        windows = [(WINDOWS, None), (BATCH_WINDOWS, BATCH)] if action == BATCH else [(WINDOWS, None)]
        for those, of in windows:
            ends = sorted(moment for moment, told in self.world.ends if of in (None, told))
            for seconds, requests in those:
                if len(ends) >= requests and ends[-requests] + (seconds + MARGIN_S) * 1_000 > now_ms:
                    return False
        return True
