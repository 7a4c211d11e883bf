"""A few kills on the way; the soak test makes many."""

from pathlib import Path

from liendea_assets_tests.enrichment.kills import kill_and_start_again


def test_a_run_that_is_killed_asks_nobody_again_whose_answer_it_has(tmp_path: Path) -> None:
    figures = kill_and_start_again(tmp_path, people=300, batch_size=3, kills=3, longest_s=0.3)
    assert figures.kills == 3
