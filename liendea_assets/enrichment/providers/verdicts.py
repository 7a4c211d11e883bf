"""What an answer says by its status and content, and how long a throttled one asks to wait."""

import hashlib
from contextlib import suppress
from typing import Literal

from liendea_assets.clients.attempts import LONGEST_RETRY_AFTER_S
from liendea_assets.clients.http import Answer
from liendea_assets.clients.limit_headers import read_quota
from liendea_assets.clients.server_time import read_wait_s, server_now
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import RejectedAnswer
from liendea_assets.enrichment.providers.paths import find, holds
from liendea_assets.enrichment.providers.settings import AnswerRule, AnswerRules, RetryAfter

Verdict = Literal["throttled", "quota_gone", "pending", "miss", "hit", "refused", "elsewhere", "unexpected"]

# What other web servers say to a request that they do not know. Taken for answers about people, a wrong address would record
# everybody as not found, for a month.
_ELSEWHERE = frozenset({301, 302, 303, 307, 308, 404, 405, 501})


def judge(answer: Answer, rules: AnswerRules, *, may_miss: bool = True) -> Verdict:
    """The first rule that fits.

    Args:
        may_miss: False for a batch, of which each answer says by itself whether it is a miss.
    """
    if _fits(answer, rules.throttled):
        return "throttled"
    if _fits(answer, rules.quota_gone):
        return "quota_gone"
    if _fits(answer, rules.pending):
        return "pending"
    if may_miss and _fits(answer, rules.miss):
        return "miss"
    if _fits(answer, rules.hit):
        return "hit"
    if _fits(answer, rules.refused):
        return "refused"
    return "elsewhere" if answer.status in _ELSEWHERE else "unexpected"


def wait_s(answer: Answer, rule: RetryAfter, clock: Clock) -> float:
    """Seconds that a throttled answer asks to wait, a day at most; where it does not say, those to the reset of its limits."""
    told = answer.headers.get(rule.header, "")
    if rule.body is not None:
        with suppress(RejectedAnswer):
            told = str(find(rule.body, answer.json()) or told)
    seconds = read_wait_s(told, server_now(answer.headers, clock))
    if seconds is None and (quota := read_quota(answer.headers, clock)) is not None:
        seconds = quota.reset_s or None
    return rule.default_s if seconds is None else min(max(0.0, seconds), LONGEST_RETRY_AFTER_S)


def hash_answer(answer: Answer) -> str:
    """SHA-256 of the raw answer: enough to recognise it in the provider's or one's own log, and nothing of what it says."""
    return hashlib.sha256(answer.body).hexdigest()


def _fits(answer: Answer, rules: tuple[AnswerRule, ...]) -> bool:
    for rule in rules:
        if answer.status not in rule.status:
            continue
        if rule.when is None:
            return True
        try:
            if holds(rule.when, answer.json()):
                return True
        except RejectedAnswer:
            continue
    return False
