import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.core.errors import SettingsError
from liendea_assets.sandbox.fault_plan import DEFAULT_SHARE, Plan, parse_latency, parse_plan, parse_windows
from liendea_assets.sandbox.faults import FAULTS, GROUPS, STORM_REQUESTS


def drawn(text: str, requests: int = 5_000, *, share: float | None = None, seed: int = 1) -> list[str | None]:
    """The faults of the first requests."""
    plan = parse_plan(text, "--faults", share, seed)
    return [fault.name if (fault := plan.draw(number)) else None for number in range(1, requests + 1)]


def test_nothing_goes_wrong_without_a_plan() -> None:
    assert set(drawn("", 100)) == {None}
    assert Plan().draw_latency(1) == (0.0, 0.0)


def test_a_plan_repeats_by_its_seed() -> None:
    assert drawn("outages, storm:0.01") == drawn("outages, storm:0.01")
    assert drawn("outages") != drawn("outages", seed=2)


def test_each_fault_has_its_share() -> None:
    counts = Counter(drawn("reset:0.1, truncated:0.05, html:0", 10_000))
    assert counts["reset"] == pytest.approx(1_000, abs=150)
    assert counts["truncated"] == pytest.approx(500, abs=100)
    assert counts["html"] == 0


def test_faults_without_a_share_divide_one() -> None:
    counts = Counter(drawn("reset, truncated, html:0.2", 10_000, share=0.3))
    assert counts["reset"] == pytest.approx(1_500, abs=200)
    assert counts["truncated"] == pytest.approx(1_500, abs=200)
    assert counts["html"] == pytest.approx(2_000, abs=200)
    assert 10_000 - Counter(drawn("reset", 10_000))[None] == pytest.approx(10_000 * DEFAULT_SHARE, abs=150)


def test_a_group_is_all_of_its_faults() -> None:
    assert set(drawn("outages:0.9")) - {None} == {fault.name for fault in GROUPS["outages"]}
    assert {fault.name for faults in GROUPS.values() for fault in faults} == set(FAULTS)


def test_a_schedule_names_requests() -> None:
    assert drawn("reset@3, hang@5-6, html@9-", 10) == [None, None, "reset", None, "hang", "hang", None, None, "html", "html"]
    assert Counter(drawn("reset:0.5@1-1000", 2_000)[1_000:]) == {None: 1_000}


def test_a_storm_goes_on_once_it_has_begun() -> None:
    assert drawn("storm@2", STORM_REQUESTS + 2) == [None, *["storm"] * STORM_REQUESTS, None]


@settings(max_examples=10)
@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_latency_stays_within_its_bounds(seed: int, number: int) -> None:
    before_s, after_s = Plan(seed=seed, latency_s=(0.5, 1.5)).draw_latency(number)
    assert before_s >= 0
    assert after_s >= 0
    assert 0.5 - 1e-9 <= before_s + after_s <= 1.5 + 1e-9


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "stormy:0.1",
            r"SANDBOX_FAULTS: found stormy \(did you mean storm\?\); allowed: throttle, .*token_revoked; or a group of them: throt",
        ),
        ("zzz", r"SANDBOX_FAULTS: found zzz; allowed: throttle, "),
        ("storm:2", r"found a share of 2; allowed: from 0 to 1"),
        ("storm:1.1.1", r"found a share of 1.1.1; allowed: from 0 to 1"),
        ("storm:0.6,reset:0.6", r"found shares of more than one together"),
        ("storm 0.1", r"found storm 0.1; allowed: NAME, NAME:SHARE, NAME@REQUEST or NAME@FIRST-LAST"),
        ("storm@0", r"found @0; allowed: numbers of requests from 1"),
        ("storm@9-3", r"found @9-3; allowed: numbers of requests from 1, the first one first"),
        ("storm:-1", r"found storm:-1; allowed: NAME"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_is_allowed(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        parse_plan(text, "SANDBOX_FAULTS")


def test_a_plan_is_told_to_people() -> None:
    told = parse_plan("reset:0.25, hang@3-4, html@7-", "x", seed=9).tell()
    assert told == "reset 25 % of requests, hang 100 % of requests 3 to 4, html 100 % of requests from 7; seed 9"
    assert Plan().tell() == "none"


def test_latency_and_windows_are_read() -> None:
    assert parse_latency("0-1.5", "x") == (0.0, 1.5)
    assert parse_latency(".2", "x") == (0.2, 0.2)
    assert parse_windows("10/2, 40/20", "x") == ((2, 10), (20, 40))


@pytest.mark.parametrize("text", ["", "fast", "2-1", "-1", "1-2-3", "1e9", "²"])
def test_a_latency_that_is_none_is_told(text: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"SANDBOX_LATENCY: found {text}; allowed:")):
        parse_latency(text, "SANDBOX_LATENCY")


@pytest.mark.parametrize("text", ["", "10", "10/0", "0/2", "10/2,", "ten/2", "10/2.5"])
def test_windows_that_are_none_are_told(text: str) -> None:
    with pytest.raises(SettingsError, match=r"--windows: found .*; allowed: REQUESTS/SECONDS, such as 10/2,40/20"):
        parse_windows(text, "--windows")
