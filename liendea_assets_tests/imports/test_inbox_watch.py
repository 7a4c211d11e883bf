import os
from pathlib import Path

import pytest

from liendea_assets.imports.inbox import list_files
from liendea_assets.imports.inbox_watch import ASK_AGAIN_S, InboxState, look_at_inbox


class Watch:
    """Looks at an inbox again and again, as the sensor does; files change only between looks."""

    def __init__(self, inbox: Path) -> None:
        self.inbox = inbox
        self.state = InboxState()
        self.recorded: set[str] = set()
        self.version = "v1"
        self.now = 0.0
        self._ticks = 0

    def put(self, name: str, content: str) -> None:
        """Writes a file; each time at another moment, as the file system sees it."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        self._ticks += 1
        os.utime(path, ns=(self._ticks, self._ticks))

    def look(self, after_s: float = 30) -> list[str]:
        self.now += after_s
        self.state, wanted = look_at_inbox(self.inbox, self.state, lambda file: file.sha256 in self.recorded, self.version, self.now)
        return [file.name for file in wanted]

    def record_all(self) -> None:
        self.recorded |= {file.sha256 for file in list_files(self.inbox)}


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def test_an_empty_inbox_asks_for_nothing(watch: Watch) -> None:
    assert [watch.look(), watch.look()] == [[], []]


def test_a_file_counts_once_two_looks_agree(watch: Watch) -> None:
    watch.put("a.csv", "x")

    assert watch.look() == []
    assert watch.look() == ["a.csv"]


def test_a_copy_under_way_is_left_alone(watch: Watch) -> None:
    for part in ("x", "xx", "xxx"):
        watch.put("a.csv", part)
        assert watch.look() == []

    assert watch.look() == ["a.csv"]


def test_a_copy_under_way_does_not_hold_up_other_files(watch: Watch) -> None:
    watch.put("whole.csv", "x")
    watch.look()
    watch.put("growing.csv", "y")

    assert watch.look() == ["whole.csv"]
    assert watch.look() == ["growing.csv"]


def test_a_run_is_asked_for_once_while_it_may_still_be_under_way(watch: Watch) -> None:
    watch.put("a.csv", "x")
    watch.look()
    watch.look()

    assert [watch.look() for _ in range(20)] == [[]] * 20


def test_a_run_that_recorded_nothing_is_asked_for_again(watch: Watch) -> None:
    watch.put("a.csv", "x")
    watch.look()
    watch.look()

    assert watch.look(after_s=ASK_AGAIN_S - 1) == []
    assert watch.look(after_s=1) == ["a.csv"]
    assert watch.look(after_s=ASK_AGAIN_S) == ["a.csv"]


def test_no_run_is_wanted_when_everything_is_recorded(watch: Watch) -> None:
    watch.put("a.csv", "x")
    watch.record_all()

    assert [watch.look() for _ in range(5)] == [[]] * 5
    assert watch.look(after_s=10 * ASK_AGAIN_S) == []


def test_files_that_were_recorded_and_did_not_change_are_not_looked_into_again(watch: Watch) -> None:
    """A large inbox would be hashed anew every half minute; here its hashes are forgotten, and nobody asks for them."""
    watch.put("a.csv", "x")
    watch.record_all()
    watch.look()
    watch.look()
    watch.recorded.clear()

    assert watch.look() == []


def test_after_a_run_only_what_is_new_is_wanted(watch: Watch) -> None:
    watch.put("a.csv", "x")
    watch.look()
    watch.look()
    watch.record_all()
    watch.look()
    watch.put("b.csv", "y")
    watch.look()

    assert watch.look() == ["b.csv"]


def test_a_file_that_changed_is_wanted_again(watch: Watch) -> None:
    watch.put("a.csv", "x")
    watch.record_all()
    watch.look()
    watch.look()
    watch.put("a.csv", "y")

    assert watch.look() == []
    assert watch.look() == ["a.csv"]


def test_a_second_file_does_not_ask_again_for_the_first_one(watch: Watch) -> None:
    watch.put("a.csv", "x")
    watch.look()
    watch.look()
    watch.put("b.csv", "y")
    watch.look()

    assert watch.look() == ["b.csv"]
    assert watch.look(after_s=ASK_AGAIN_S - 60) == ["a.csv"]


def test_links_and_hidden_files_are_not_wanted(watch: Watch) -> None:
    watch.put(".hidden.csv", "x")
    watch.put(".bin/old.csv", "x")
    (watch.inbox / "link.csv").symlink_to(watch.inbox / ".hidden.csv")

    assert [watch.look() for _ in range(3)] == [[]] * 3


def test_a_file_that_was_taken_away_is_forgotten(watch: Watch) -> None:
    watch.put("a.csv", "x")
    watch.look()
    (watch.inbox / "a.csv").unlink()

    assert [watch.look() for _ in range(3)] == [[]] * 3


def test_recorded_files_are_looked_into_again_once_they_would_be_read_in_another_way(watch: Watch) -> None:
    watch.put("a.csv", "x")
    watch.look()
    watch.look()
    watch.record_all()
    assert watch.look() == []

    watch.recorded, watch.version = set(), "v2"
    assert watch.look() == ["a.csv"]
