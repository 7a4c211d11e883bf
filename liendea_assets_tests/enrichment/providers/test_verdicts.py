import email.utils
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.clients.http import Answer
from liendea_assets.enrichment.providers.settings import AnswerRule, AnswerRules, RetryAfter
from liendea_assets.enrichment.providers.verdicts import hash_answer, judge, wait_s
from liendea_assets_tests.conftest import VirtualClock

CLOCK = VirtualClock()
SOON = CLOCK.now() + timedelta(seconds=25)
RULES = AnswerRules(
    throttled=(AnswerRule(status=(403,)),),
    quota_gone=(AnswerRule(status=(429,)), AnswerRule(status=(200,), when="error == 'no credits'")),
    pending=(AnswerRule(status=(200,), when="state == 'working'"),),
    miss=(AnswerRule(status=(404,), when="code"), AnswerRule(status=(200,), when="contains(keys(@), 'person') && !person")),
)


def answer(status: int, content: object = None, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(content).encode())


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("25", 25),
        (email.utils.format_datetime(SOON, usegmt=True), 25),
        (SOON.strftime("%Y-%m-%dT%H:%M:%SZ"), 25),
        (SOON.strftime("%Y-%m-%dT%H:%M:%S"), 25),
        (str(int(SOON.timestamp())), 25),
        ("0", 0),
        ("Mon, 05 Oct 2026 08:00:00 GMT", 0),
        ("9" * 400, 86_400),
        ("", 7), ("soon", 7), ("-5", 7), ("²", 7), ("1.5", 1.5),
    ],
)  # fmt: skip
def test_a_wait_is_read_in_every_form(told: str, seconds: float) -> None:
    rule = RetryAfter(header="x-reset", default_s=7)
    assert wait_s(answer(429, x_reset=told), rule, CLOCK) == pytest.approx(seconds, abs=1)


def test_a_wait_in_the_body_goes_before_the_header_and_falls_back_to_it() -> None:
    rule = RetryAfter(body="error.retry_in")
    assert wait_s(answer(429, {"error": {"retry_in": 45}}, retry_after="9"), rule, CLOCK) == 45
    assert wait_s(answer(429, {"error": "slow down"}, retry_after="9"), rule, CLOCK) == 9
    assert wait_s(Answer(429, {"retry-after": "9"}, b"<html>"), rule, CLOCK) == 9


@given(st.text())
def test_no_wait_fails_or_is_longer_than_a_day(told: str) -> None:
    assert 0 <= wait_s(answer(429, retry_after=told), RetryAfter(), CLOCK) <= 86_400


@pytest.mark.parametrize(
    ("given_answer", "verdict"),
    [
        (answer(403), "throttled"),
        (answer(429), "quota_gone"),
        (answer(200, {"error": "no credits"}), "quota_gone"),
        (answer(200, {"state": "working"}), "pending"),
        (answer(200, {"person": None}), "miss"),
        (answer(200, {"person": {"id": 1}}), "hit"),
        (answer(200, []), "hit"),
        (answer(404, {"code": "not_found"}), "miss"),
        (answer(404, {"message": "no such page"}), "elsewhere"),
        (Answer(404, {}, b"<html>"), "elsewhere"),
        (answer(302), "elsewhere"),
        (answer(401), "refused"),
        (answer(400), "unexpected"),
        (answer(500), "unexpected"),
    ],
)
def test_the_first_rule_that_fits_counts(given_answer: Answer, verdict: str) -> None:
    assert judge(given_answer, RULES) == verdict


def test_a_batch_as_a_whole_is_never_a_miss() -> None:
    """A server that does not know the batch's path would else be taken for one that knows nobody."""
    assert judge(answer(404, {"code": "not_found"}), RULES, may_miss=False) == "elsewhere"


def test_the_hash_is_of_the_raw_answer() -> None:
    assert hash_answer(Answer(200, {}, b"abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
