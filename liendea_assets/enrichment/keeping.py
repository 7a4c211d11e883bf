"""Storing what calls have come to, whatever happens meanwhile: the answers are paid for."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from liendea_assets.core.clock import Clock
from liendea_assets.db.connection import Database, is_locked
from liendea_assets.enrichment import store
from liendea_assets.enrichment.provider import ProviderAnswer

log = logging.getLogger(__name__)

# Between two tries; each of them waits for some seconds itself.
PAUSE_S = 0.5


def keep_answers(
    db: Database, source: str, answers: Sequence[ProviderAnswer], clock: Clock, good_for_days: Mapping[str, int], until_s: float
) -> list[ProviderAnswer]:
    """Stores the answers of one call, again and again while the database is locked: the import of a million rows writes for minutes.

    Args:
        good_for_days: as in `store.store_answers`.
        until_s: seconds of uptime at which it is given up.

    Returns:
        The answers as they are stored: one that the database does not take is a rejected one, and takes no other with it.

    Raises:
        sqlite3.Error: the database was locked until then, or takes nothing at all.
    """
    kept = list(answers)
    try:
        _store(db, source, kept, clock, good_for_days, until_s)
    except Exception as problem:
        if is_locked(problem):
            raise
        kept = [_keep_alone(db, source, answer, clock, good_for_days, until_s) for answer in answers]
    return kept


def _keep_alone(
    db: Database, source: str, answer: ProviderAnswer, clock: Clock, good_for_days: Mapping[str, int], until_s: float
) -> ProviderAnswer:
    try:
        _store(db, source, [answer], clock, good_for_days, until_s)
    except Exception as problem:
        if is_locked(problem):
            raise
        # of the error no more than its kind: its text may hold a value
        log.error("%s: the answer about contact %d cannot be stored (%s)", source, answer.contact_id, type(problem).__name__)  # noqa: TRY400
        reason = f"{source}: the answer cannot be stored ({type(problem).__name__})"
        rejected = replace(answer, outcome="rejected", confidence=None, values={}, reason=reason, good_for_days=None)
        _store(db, source, [rejected], clock, good_for_days, until_s)
        return rejected
    return answer


def _store(
    db: Database, source: str, answers: Sequence[ProviderAnswer], clock: Clock, good_for_days: Mapping[str, int], until_s: float
) -> None:
    while True:
        try:
            store.store_answers(db, source, answers, clock.now(), good_for_days)
        except Exception as problem:
            if not is_locked(problem) or clock.uptime().seconds >= until_s:
                raise
            log.warning("%s: the database is locked; the answers about %d contacts are stored as soon as it is not", source, len(answers))
            clock.sleep(PAUSE_S)
        else:
            return
