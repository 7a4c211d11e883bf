"""The limiter and the circuit breaker under whatever happens, and proof that this finds what is wrong."""

import pytest

from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.db.connection import Database
from liendea_assets_tests.clients.limiter_machine import run_machine
from liendea_assets_tests.clients.wrong_limiters import WRONG


def test_nothing_that_happens_breaks_a_limit(db: Database) -> None:
    assert run_machine(db, RateLimiter, 40, is_shrunk=True) > 500


@pytest.mark.parametrize("limiter", WRONG, ids=lambda limiter: limiter.__name__)
def test_a_limiter_with_one_wrong_step_is_found(db: Database, limiter: type[RateLimiter]) -> None:
    with pytest.raises(AssertionError):
        run_machine(db, limiter, 300, is_shrunk=False)
