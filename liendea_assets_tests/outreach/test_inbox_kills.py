"""A few kills on the way; the soak test makes many."""

from pathlib import Path

from liendea_assets_tests.outreach.inbox_kills import kill_readers


def test_reader_that_is_killed_acts_upon_each_message_once(tmp_path: Path) -> None:
    assert kill_readers(tmp_path, messages=200, kills=4) > 0
