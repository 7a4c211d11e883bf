"""Asking providers about everybody who is due: calls in threads, each batch's answers committed as soon as they are there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import PermanentError, ServiceUnavailable, TransientError
from liendea_assets.db.connection import Database, exclusive, make_durable
from liendea_assets.enrichment.calls_under_way import CallsUnderWay, News
from liendea_assets.enrichment.keeping import keep_answers
from liendea_assets.enrichment.lane import Lane, reject_all
from liendea_assets.enrichment.provider import JobProvider, PersonQuery, Provider, ProviderAnswer
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.unusable import UnusableProvider
from liendea_assets.enrichment.waterfall import find_due

# Held by who asks a provider. Who looks whether somebody does holds it for a moment.
LOCK, LOCK_WAIT_S = "enrichment-{provider}", 0.3
# A rejected answer is asked for again soon: what was wrong was the answer, not the person.
REJECTED_TTL_DAYS = 1
# How often progress is told and the time looked at while no answer comes.
LOOK_EVERY_S = 0.5
# How long a run that is interrupted waits for the answers that are under way; they are paid for. Interrupted again, it ends at once.
# So long after its end a run also tries to store its answers while the database is locked.
GRACE_S = 10.0
# While earlier providers are being asked, it is looked this often whom they have left to the next; with a million contacts a look takes
# long, in which no answer is stored: a twentieth of the time at most.
LOOK_EVERY_OTHERS_S = 30.0
LOOK_SHARE = 20
# The longest sleep between two looks at jobs that are worked on.
JOB_LOOK_S = 5.0

# (asked so far, due in all, seconds left or None)
Progress = Callable[[int, int, float | None], None]
# the same with the provider's name before it
ProgressOfAll = Callable[[str, int, int, float | None], None]
# What a call was about: the people, or None for a job that was asked for.
_Key = tuple[Lane, Sequence[PersonQuery] | None]


def enrich(
    db: Database,
    provider: Provider,
    settings: EnrichmentSettings,
    clock: Clock,
    progress: Progress,
    acceptance: Mapping[str, float] | None = None,
) -> EnrichmentReport:
    """`enrich_all` with one provider."""

    def tell(_name: str, done: int, total: int, left_s: float | None) -> None:
        progress(done, total, left_s)

    return enrich_all(db, [provider], settings, clock, tell, acceptance)[provider.name]


def enrich_all(
    db: Database,
    providers: Sequence[Provider],
    settings: EnrichmentSettings,
    clock: Clock,
    progress: ProgressOfAll,
    acceptance: Mapping[str, float] | None = None,
) -> dict[str, EnrichmentReport]:
    """Asks each provider about who is due until nobody is left, the time is up or it cannot answer for now; what ends one ends no other.

    A provider that another process is asking is left to it. Killed at any moment, what was stored is kept, and at most the calls that
    were under way are made again by the next run. Interrupted, it waits a moment for these and stores their answers.

    Args:
        db: this thread's alone.
        progress: told of each provider, now and then; always at its end.
        acceptance: source → the confidence from which on its answers are used, where it has one of its own.
    """
    with ExitStack() as locks:
        run = _Run(db, settings, clock, progress, acceptance)
        for provider in providers:
            lane = Lane(provider, settings.batch_size, clock.uptime().seconds)
            run.lanes.append(lane)
            if isinstance(provider, UnusableProvider):
                lane.fail(provider.problem)
                continue
            try:
                locks.enter_context(exclusive(db, LOCK.format(provider=provider.name), wait_s=LOCK_WAIT_S))
            except TransientError as problem:
                lane.pause(str(problem))
                lane.is_stopped = True
            else:
                provider.allow_calls()
        make_durable(db)
        run.go()
    return {lane.provider.name: lane.report for lane in run.lanes}


class _Run:
    def __init__(
        self,
        db: Database,
        settings: EnrichmentSettings,
        clock: Clock,
        progress: ProgressOfAll,
        acceptance: Mapping[str, float] | None,
    ) -> None:
        self.lanes: list[Lane] = []
        self._db = db
        self._settings = settings
        self._clock = clock
        self._progress = progress
        self._acceptance = acceptance
        self._calls: CallsUnderWay[_Key, list[ProviderAnswer] | None] = CallsUnderWay()
        self._jobs: dict[str, Iterator[list[ProviderAnswer]]] = {}
        self._interruption: BaseException | None = None
        # by the time that nobody sets: an hour back on the wall would make a run of ten minutes one of seventy
        self._ends_at_s = clock.uptime().seconds + 60 * settings.longest_run_minutes
        self._keep_until_s = self._ends_at_s + GRACE_S

    def go(self) -> None:
        """Until nothing is left to be done."""
        try:
            while self._step():
                pass
        except BaseException:
            for lane in self.lanes:
                lane.stop("interrupted")
            self._keep_until_s = self._clock.uptime().seconds + GRACE_S
            while self._calls and self._clock.uptime().seconds < self._keep_until_s:
                self._take_in(LOOK_EVERY_S)
            raise
        for lane in self.lanes:
            self._tell(lane, is_end=True)

    def _step(self) -> bool:
        if self._clock.uptime().seconds > self._ends_at_s:
            for lane in self.lanes:
                lane.end(self._settings.longest_run_minutes)
        for lane in self.lanes:
            if lane.left or lane.under_way:
                self._tell(lane)
        for position in range(len(self.lanes)):
            self._fill(position)
        if not self._calls:
            return self._wait_for_jobs()
        self._take_in(LOOK_EVERY_S)
        if self._interruption is not None:
            raise self._interruption
        return True

    def _fill(self, position: int) -> None:
        """Begins as many calls as may be made at once."""
        lane = self.lanes[position]
        while not lane.is_stopped and lane.has_room:
            if self._poll(lane):
                continue
            if lane.is_asking and not lane.left:
                self._look_for_due(lane, self.lanes[:position])
            batch = lane.take_batch() if lane.is_asking else []
            if not batch:
                return
            lane.under_way += 1
            self._calls.begin((lane, batch), partial(lane.provider.look_up, batch))

    def _poll(self, lane: Lane) -> bool:
        """Asks for a job that may be done; one at a time, and before anybody else is asked about."""
        provider = lane.provider
        if not isinstance(provider, JobProvider) or lane.is_polling:
            return False
        jobs = self._jobs.get(provider.name)
        if jobs is None:
            next_poll_at = provider.next_poll_at()
            is_first, lane.has_polled = not lane.has_polled, True
            if next_poll_at is None or (not is_first and next_poll_at > self._clock.now()):
                return False
            jobs = self._jobs[provider.name] = provider.finished_jobs()
        lane.is_polling = True
        lane.under_way += 1
        self._calls.begin((lane, None), lambda _tell: next(jobs, None))
        return True

    def _look_for_due(self, lane: Lane, earlier: Sequence[Lane]) -> None:
        """Finds further people where somebody may have become due since the last time."""
        changes, now_s = sum(one.changes for one in earlier), self._clock.uptime().seconds
        if lane.round:
            wait_s = max(LOOK_EVERY_OTHERS_S, LOOK_SHARE * lane.look_took_s)
            is_left_over = changes != lane.seen_changes and (all(one.is_idle for one in earlier) or now_s - lane.looked_at_s >= wait_s)
            if lane.under_way or not (lane.deferred or is_left_over):
                return
        lane.seen_changes = changes
        due = find_due(
            self._db,
            lane.provider,
            [one.provider for one in earlier if not one.report.is_failure or one.under_way],
            self._settings,
            to_text(self._clock.now()),
            self._acceptance,
            working=[one.provider.name for one in earlier],
            colleagues=2**lane.round,
        )
        lane.looked_at_s = self._clock.uptime().seconds
        lane.look_took_s = lane.looked_at_s - now_s
        lane.add(due)
        self._tell(lane)

    def _take_in(self, wait_s: float) -> None:
        """Stores what calls have come to, each in a transaction of its own."""
        for news in self._calls.news(wait_s):
            self._settle(news)

    def _settle(self, news: News[_Key, list[ProviderAnswer] | None]) -> None:
        (lane, batch), answers, problem = news.key, news.result, news.problem
        name = lane.provider.name
        if isinstance(problem, PermanentError) and batch is not None:
            answers = reject_all(name, batch, problem)
        is_split = isinstance(problem, ServiceUnavailable) and batch is not None
        if isinstance(problem, ServiceUnavailable) and batch is not None:
            answers = lane.split(batch, problem)
        if answers:
            days = {"hit": self._settings.hit_ttl_days, "miss": self._settings.miss_ttl_days, "rejected": REJECTED_TTL_DAYS}
            try:
                answers = keep_answers(self._db, name, answers, self._clock, days, self._keep_until_s)
            except Exception as error:  # noqa: BLE001 other calls' answers are stored all the same
                answers, problem = None, error
        lane.settle(answers or [], is_job=batch is None, is_end=news.is_end, is_split=is_split)
        if batch is None and not answers:
            # no job is left, or it could not be asked for
            self._jobs.pop(name, None)
        if problem is not None and answers is None:
            if not isinstance(problem, Exception):
                self._interruption = problem
            else:
                lane.fail(problem, is_job=batch is None)

    def _wait_for_jobs(self) -> bool:
        """Waits a while for the next job that is to be asked for. Returns whether there is one within the run's time."""
        polls = [(lane, lane.next_poll_at()) for lane in self.lanes if not lane.is_stopped]
        now, left_s = self._clock.now(), self._ends_at_s - self._clock.uptime().seconds
        waits_s = [(next_poll_at - now).total_seconds() for _, next_poll_at in polls if next_poll_at is not None]
        if waits_s and min(waits_s) <= left_s:
            self._clock.sleep(min(max(0.0, min(waits_s)), JOB_LOOK_S))
            return True
        for lane, next_poll_at in polls:
            if next_poll_at is not None:
                lane.end(self._settings.longest_run_minutes)
        return False

    def _tell(self, lane: Lane, *, is_end: bool = False) -> None:
        done, total = lane.report.asked, max(lane.report.due, lane.report.asked)
        took_s = self._clock.uptime().seconds - lane.began_s
        left_s = 0.0 if is_end else took_s / done * (total - done) if done else None
        self._progress(lane.provider.name, done, total, left_s)
