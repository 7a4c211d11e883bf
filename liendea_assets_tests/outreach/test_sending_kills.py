"""A few kills on the way; the soak test makes many."""

from pathlib import Path

import pytest

from liendea_assets_tests.outreach.sending_kills import POINTS, kill_and_send_again


@pytest.mark.parametrize("point", POINTS)
def test_sender_that_is_killed_at_a_point_neither_doubles_nor_loses_a_message(point: str, tmp_path: Path) -> None:
    figures = kill_and_send_again(tmp_path, point, kills=2)
    doubtful = point in ("sending", "taken")
    assert figures.uncertain == (2 if doubtful else 0)
    assert (figures.found_sent, figures.found_not_sent) == ((2 if point == "taken" else 0), (2 if point == "sending" else 0))


def test_sender_that_is_killed_at_any_moment_neither_doubles_nor_loses_a_message(tmp_path: Path) -> None:
    assert kill_and_send_again(tmp_path, None, kills=4).kills == 4
