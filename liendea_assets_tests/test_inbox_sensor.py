"""The sensor of the inbox, evaluated as Dagster's daemon does: with the cursor of the tick before, on a real home."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from liendea_assets import automation
from liendea_assets.cli.instance import open_instance
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home
from liendea_assets.definitions import defs
from liendea_assets.imports.inbox import inspect_file
from liendea_assets.resources import open_home_database
from liendea_assets_tests.builders import gtm_row, make_workbook
from liendea_assets_tests.imports.stage import import_inbox


class Daemon:
    """Ticks, and imports when a test says that the run which was asked for runs."""

    def __init__(self, home: Home, instance: dg.DagsterInstance) -> None:
        self.home, self.instance = home, instance
        self.cursor: str | None = None

    def tick(self) -> list[str]:
        """The names of the files that a run each is asked for."""
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor, repository_def=defs.get_repository_def())
        result = automation.inbox_changed(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        by_hash = {file.sha256: file.name for path in self.home.inbox.iterdir() if (file := inspect_file(path, self.home.inbox))}
        requests = result.run_requests or []
        assert bool(requests) == (result.skip_reason is None)
        return [by_hash[request.tags[automation.FILE_TAG]] for request in requests]

    def settle(self) -> list[str]:
        """Two ticks: a file counts once two looks agree."""
        assert self.tick() == []
        return self.tick()

    def run(self) -> None:
        db = open_home_database(self.home)
        assert all(import_inbox(self.home, db, SystemClock()).values())
        db.conn.close()

    def put(self, name: str, *rows: list[object]) -> bytes:
        return make_workbook(self.home.inbox / name, rows).read_bytes()

    def first_names(self) -> set[str]:
        """Of the rows in force."""
        db = open_home_database(self.home)
        found = {row[0] for row in db.conn.execute("SELECT first_name FROM gtm_rows WHERE is_current = 1")}
        db.conn.close()
        return found


@pytest.fixture
def daemon(home: Home) -> Iterator[Daemon]:
    with open_instance(home) as instance:
        yield Daemon(home, instance)


def test_two_files_are_two_runs(daemon: Daemon) -> None:
    daemon.put("a.xlsx", gtm_row())
    daemon.put("b.xlsx", gtm_row(first="Ann"))

    assert sorted(daemon.settle()) == ["a.xlsx", "b.xlsx"]
    assert daemon.tick() == []


def test_what_the_first_run_took_in_is_not_asked_for_again(daemon: Daemon) -> None:
    daemon.put("a.xlsx", gtm_row())
    daemon.put("b.xlsx", gtm_row(first="Ann"))
    daemon.settle()
    daemon.run()

    assert [daemon.tick() for _ in range(3)] == [[], [], []]


def test_two_files_of_one_content_are_one_run(daemon: Daemon) -> None:
    content = daemon.put("a.xlsx", gtm_row())
    (daemon.home.inbox / "b.xlsx").write_bytes(content)

    assert len(daemon.settle()) == 1


def test_a_run_asks_for_no_mails_and_names_nobody(daemon: Daemon) -> None:
    daemon.put("Robin Weaver.xlsx", gtm_row())
    daemon.tick()
    context = dg.build_sensor_context(instance=daemon.instance, cursor=daemon.cursor, repository_def=defs.get_repository_def())
    result = automation.inbox_changed(context)

    assert isinstance(result, dg.SensorResult)
    (request,) = result.run_requests or []
    assert "email_deliveries" not in {key.to_user_string() for key in request.asset_selection or []}
    assert "Robin" not in json.dumps(dict(request.tags))


def replaced(daemon: Daemon) -> bytes:
    """A home where a second version of a.xlsx is in force; returns the first one."""
    former = daemon.put("a.xlsx", gtm_row(), gtm_row(first="Ann", linkedin=None, email=None))
    daemon.settle()
    daemon.run()
    daemon.put("a.xlsx", gtm_row(first="Eve", linkedin=None, email=None))
    assert daemon.settle() == ["a.xlsx"]
    daemon.run()
    assert daemon.first_names() == {"Eve"}
    return former


def test_a_former_version_that_somebody_kept_under_another_name_asks_for_no_run(daemon: Daemon) -> None:
    former = replaced(daemon)
    (daemon.home.inbox / "a (old).xlsx").write_bytes(former)

    assert [daemon.tick() for _ in range(4)] == [[]] * 4
    daemon.run()
    assert daemon.first_names() == {"Eve"}


def test_a_former_version_that_is_back_under_its_name_asks_for_one_run(daemon: Daemon) -> None:
    former = replaced(daemon)
    Path(daemon.home.inbox / "a.xlsx").write_bytes(former)

    assert daemon.settle() == ["a.xlsx"]
    assert daemon.tick() == []
    daemon.run()
    assert daemon.first_names() == {"Robin", "Ann"}
    assert [daemon.tick() for _ in range(3)] == [[], [], []]


def test_a_file_that_cannot_be_read_asks_for_one_run_alone(daemon: Daemon) -> None:
    (daemon.home.inbox / "a.pdf").parent.mkdir(parents=True, exist_ok=True)
    (daemon.home.inbox / "a.pdf").write_bytes(b"%PDF-1.7")
    assert daemon.settle() == ["a.pdf"]
    db = open_home_database(daemon.home)
    import_inbox(daemon.home, db, SystemClock())
    db.conn.close()

    assert [daemon.tick() for _ in range(3)] == [[], [], []]
