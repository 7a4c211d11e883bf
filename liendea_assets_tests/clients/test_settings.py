import pytest
from pydantic import ValidationError

from liendea_assets.clients.settings import RateLimits, ServiceLimits
from liendea_assets.core.home import default_config
from liendea_assets.core.settings import load_file


def test_the_shipped_file_says_what_holds_without_it() -> None:
    assert load_file(RateLimits, default_config() / "rate_limits.yaml") == RateLimits()


def test_all_three_windows_hold_at_once() -> None:
    limits = ServiceLimits(requests_per_minute=2, requests_per_hour=50, requests_per_day=100)
    assert limits.windows() == ((60, 2), (3_600, 50), (86_400, 100))


def test_the_sandbox_has_limits_of_its_own_and_real_reach_never_has_them() -> None:
    limits = RateLimits()
    assert limits.in_force(is_sandbox=True)["reach"] == limits.sandbox.windows()
    assert limits.in_force(is_sandbox=False)["reach"] == limits.reach.windows() == ((60, 10), (3_600, 400), (86_400, 5_000))
    assert limits.in_force(is_sandbox=True)["linkedin"] == limits.in_force(is_sandbox=False)["linkedin"]


@pytest.mark.parametrize("requests", [0, -1, 2.5, "10", None])
def test_a_limit_is_a_positive_whole_number(requests: object) -> None:
    with pytest.raises(ValidationError):
        ServiceLimits.model_validate({"requests_per_minute": requests, "requests_per_hour": 1, "requests_per_day": 1})
