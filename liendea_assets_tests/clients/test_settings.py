from pathlib import Path

import pytest
from pydantic import ValidationError

from liendea_assets.clients.pacing import Pacing
from liendea_assets.clients.settings import RateLimits, ServiceLimits
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import default_config
from liendea_assets.core.settings import load_file


def test_the_shipped_file_says_what_holds_without_it() -> None:
    assert load_file(RateLimits, default_config() / "rate_limits.yaml") == RateLimits()


def test_all_three_windows_hold_at_once() -> None:
    limits = ServiceLimits(requests_per_minute=2, requests_per_hour=50, requests_per_day=100)
    assert limits.windows() == ((60, 2), (3_600, 50), (86_400, 100))


def test_the_sandbox_has_limits_of_its_own_and_real_reach_never_has_them() -> None:
    limits = RateLimits()
    assert limits.in_force(is_sandbox=True)["reach-sandbox"] == limits.sandbox.windows()
    assert limits.in_force(is_sandbox=True)["reach"] == limits.reach.windows()
    assert "reach-sandbox" not in limits.in_force(is_sandbox=False)
    assert limits.in_force(is_sandbox=False)["reach"] == limits.reach.windows() == ((60, 10), (3_600, 400), (86_400, 5_000))
    assert limits.in_force(is_sandbox=True)["linkedin"] == limits.in_force(is_sandbox=False)["linkedin"]


@pytest.mark.parametrize("requests", [0, -1, 2.5, "10"])
def test_a_limit_is_a_positive_whole_number(requests: object) -> None:
    with pytest.raises(ValidationError):
        ServiceLimits.model_validate({"requests_per_minute": requests, "requests_per_hour": 1, "requests_per_day": 1})


def read(folder: Path, text: str) -> RateLimits:
    path = folder / "rate_limits.yaml"
    path.write_text(text)
    return load_file(RateLimits, path)


def test_windows_of_any_length_stand_beside_those_with_a_name(tmp_path: Path) -> None:
    limits = read(
        tmp_path,
        """
reach:
  requests_per_hour: 400
  windows:
    - {seconds: 600, requests: 100}
    - {seconds: 2, requests: 10}
  actions:
    match_batch:
      requests_per_minute: 3
  pacing: {minimum_gap_s: 0.5, jitter_s: 1, rest_after: 25, rest_s: 30}
""",
    )
    in_force = limits.in_force(is_sandbox=False)
    assert in_force["reach"] == ((2, 10), (600, 100), (3_600, 400))
    assert in_force["reach/match_batch"] == ((60, 3),)
    assert limits.pacing_in_force(is_sandbox=False) == {"reach": Pacing(0.5, 1.0, 25, 30.0)}
    assert "reach-sandbox" not in limits.pacing_in_force(is_sandbox=True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("reach: {}", "at least one window"),
        ("reach: {windows: []}", "at least one window"),
        ("reach: {requests_per_minute: 5, windows: [{seconds: 60, requests: 4}]}", "one window for each length"),
        ("reach: {windows: [{seconds: 0, requests: 4}]}", "greater than 0"),
        ("reach: {requests_per_minute: 5, actions: {match: {}}}", "at least one window"),
        ("reach: {requests_per_minute: 5, pacing: {minimum_gap_s: -1}}", "greater than or equal to 0"),
        ("reach: {requests_per_second: 5}", "unknown key"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SettingsError, match=rf"rate_limits\.yaml:1: reach.*{why}"):
        read(tmp_path, text)
