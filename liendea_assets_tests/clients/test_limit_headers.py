"""What headers tell of limits, in all the forms that are about."""

import email.utils
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.clients.limit_headers import LONGEST_RESET_S, Quota, read_quota
from liendea_assets_tests.conftest import VirtualClock

NOW = VirtualClock().now()
ISO = (NOW + timedelta(seconds=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
SOON = str(int((NOW + timedelta(seconds=90)).timestamp()))


@pytest.mark.parametrize(
    ("headers", "quota"),
    [
        ({"ratelimit": '"default";r=50;t=30', "ratelimit-policy": '"default";q=100;w=60'}, Quota(((60, 100),), 50, 30)),
        ({"ratelimit-policy": '"burst";q=10;w=1,"daily";q=5000;w=86400'}, Quota(((1, 10), (86_400, 5_000)))),
        ({"ratelimit": '"burst";r=5;t=1, "daily";r=0;t=600'}, Quota((), 0, 600)),
        ({"ratelimit": "limit=100, remaining=7, reset=12", "ratelimit-policy": "100;w=60"}, Quota(((60, 100),), 7, 12)),
        ({"ratelimit-limit": "10, 10;w=1, 1000;w=3600", "ratelimit-remaining": "4", "ratelimit-reset": "2"}, Quota(((1, 10), (3_600, 1_000)), 4, 2)),
        ({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "3", "x-ratelimit-reset": "17"}, Quota((), 3, 17)),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": SOON}, Quota((), 0, 90)),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": SOON}, Quota((), 0, 90)),
        ({"x-ratelimit-limit-minute": "20", "x-ratelimit-remaining-minute": "3"}, Quota(((60, 20),))),
        ({"x-rate-limit-minute": "50", "x-rate-limit-hourly": "200", "x-rate-limit-24-hour": "600"}, Quota(((60, 50), (3_600, 200), (86_400, 600)))),
        ({"x-rate-limit-hourly": "200", "x-hourly-requests-left": "0"}, Quota(((3_600, 200),), 0, 3_600)),
        ({"x-ratelimit-limit": "{'minute': 100}", "x-ratelimit-remaining": "{'minute': 7}", "x-ratelimit-reset": ISO}, Quota(((60, 100),), 7, 90)),
        ({"x-ratelimit-limit": '{"second": 5, "day": 1000}', "x-ratelimit-remaining": '{"second": 5, "day": 0}', "x-ratelimit-reset": "30"}, Quota(((1, 5), (86_400, 1_000)), 0, 30)),
        ({"x-ratelimit-limit": "{'minute': 0, 'week': 5}", "x-ratelimit-remaining": "{'minute': 7}"}, None),
        ({"x-rate-limit-minute": "", "x-minute-requests-left": ""}, None),
        ({"ratelimit-remaining": "0"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 14}, Quota((), 0, LONGEST_RESET_S)),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000000001"}, Quota((), 0, 0)),
        ({"x-ratelimit-remaining": "-1", "x-ratelimit-reset": "5"}, None),
        ({"ratelimit-policy": '"none";q=0;w=60'}, None),
        ({"content-type": "application/json"}, None),
    ],
    ids=str,
)  # fmt: skip
def test_every_form_is_read(headers: dict[str, str], quota: Quota | None) -> None:
    assert read_quota(headers, VirtualClock()) == quota


def test_a_moment_is_on_the_servers_clock() -> None:
    """Ours is an hour behind: 90 seconds are 90 seconds all the same."""
    clock = VirtualClock()
    clock.set_wall(-3_600)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": SOON, "date": email.utils.format_datetime(NOW, usegmt=True)}
    assert read_quota(headers, clock) == Quota((), 0, 90)


NAMES = ["ratelimit", "ratelimit-policy", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-rate-limit-minute", "x-minute-requests-left", "date"]  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        st.text()
        | st.text('0123456789;,="wqrt. ')
        | st.from_regex(r"\{'minute': [0-9]+\}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{5}(Z|[+-][0-9:]{5})?", fullmatch=True),
    )
)
def test_no_header_fails(headers: dict[str, str]) -> None:
    quota = read_quota(headers, VirtualClock())
    assert quota is None or all(seconds > 0 and requests > 0 for seconds, requests in quota.windows)
    assert quota is None or quota.reset_s is None or 0 <= quota.reset_s <= LONGEST_RESET_S
