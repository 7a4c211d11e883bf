from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from liendea_assets.core.errors import ServiceUnavailable, SettingsError
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.enrichment import assets
from liendea_assets.enrichment.provider import PersonQuery, Provider, ProviderAnswer, TellAnswers
from liendea_assets.sandbox.reach_server import create_app, sample_people
from liendea_assets_tests.clients.servers import reach_of
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.rows import add_contact, answers

KNOWN = [match for match in sample_people() if match["person"]["linkedin_url"]][:40]


def ask(home: Home, db: Database, clock: VirtualClock, *providers: Provider) -> dg.MaterializeResult[Any]:
    with dg.build_asset_context() as context:
        result = assets.contact_enrichment(context, home=home, database=db, clock=clock, providers=providers)
    assert isinstance(result, dg.MaterializeResult)
    return result


def merge(home: Home, db: Database) -> dg.MaterializeResult[Any]:
    result = assets.enriched_contacts(home=home, database=db)
    assert isinstance(result, dg.MaterializeResult)
    return result


def verdict(result: dg.MaterializeResult[Any]) -> tuple[bool, object]:
    """Whether everybody was asked about, and what stopped Reach; empty where nothing did."""
    (checked,) = result.check_results or ()
    return checked.passed, checked.metadata["reach"].value if "reach" in checked.metadata else ""


def add_known(db: Database) -> None:
    """The people of the sandbox, by their profiles."""
    for match in KNOWN:
        add_contact(db, linkedin_id=match["person"]["linkedin_url"].rpartition("/")[2])


class Failing:
    """A provider that is away, or wrongly set up."""

    name = "reach"
    batch_size = 25
    concurrency = 1
    wanted: frozenset[str] = frozenset()
    contacts_per_run: int | None = None

    def allow_calls(self) -> None:
        pass

    def stop_calls(self) -> None:
        pass

    def can_ask(self, query: PersonQuery) -> bool:
        return True

    def __init__(self, problem: Exception) -> None:
        self._problem = problem

    def look_up(self, queries: Sequence[PersonQuery], tell: TellAnswers | None = None) -> list[ProviderAnswer]:
        raise self._problem


def test_everybody_is_enriched_once_and_bears_their_reach_id(home: Home, db: Database, clock: VirtualClock) -> None:
    add_known(db)
    app = create_app(KNOWN, [(60, 100)])
    with reach_of(app, db, clock) as reach:
        first = ask(home, db, clock, reach)
        second = ask(home, db, clock, reach)
    assert app.state.book.arrivals == 2
    assert first.metadata is not None
    assert second.metadata is not None
    assert (first.metadata["asked_now"], first.metadata["reach_hit"], second.metadata["asked_now"]) == (40, 40, 0)
    assert verdict(first) == verdict(second) == (True, "")
    believed = {match["person"]["reach_id"] for match in KNOWN if match["confidence"] >= 0.6}
    borne = [row["reach_id"] for row in db.table("contacts").rows_where("reach_id IS NOT NULL")]
    assert len(borne) == len(set(borne))
    assert set(borne) == believed


def test_what_is_known_is_merged_and_summed_up(home: Home, db: Database, clock: VirtualClock) -> None:
    add_known(db)
    with reach_of(create_app(KNOWN, [(60, 100)]), db, clock) as reach:
        ask(home, db, clock, reach)
    result = merge(home, db)
    rows = list(db.table("enriched_contacts").rows)
    assert len(rows) == len(KNOWN)
    assert result.metadata is not None
    assert result.metadata["with_email"] == sum(row["work_email"] is not None for row in rows) > 0
    assert 0 < float(str(result.metadata["mean_profile_completeness"])) <= 100


def test_the_same_answers_have_the_same_data_version(home: Home, db: Database, clock: VirtualClock) -> None:
    """What lies below is not stale because somebody looked again."""
    add_known(db)
    with reach_of(create_app(KNOWN, [(60, 100)]), db, clock) as reach:
        first = ask(home, db, clock, reach)
        clock.sleep(3_600)
        second = ask(home, db, clock, reach)
    assert first.data_version == second.data_version is not None
    assert merge(home, db).data_version == merge(home, db).data_version is not None


def test_nothing_personal_is_shown(home: Home, db: Database, clock: VirtualClock) -> None:
    add_known(db)
    with reach_of(create_app(KNOWN, [(60, 100)]), db, clock) as reach:
        shown = str(ask(home, db, clock, reach)) + str(merge(home, db))
    for match in KNOWN:
        for name in ("full_name", "last_name", "work_email", "work_phone", "mobile_phone", "linkedin_url"):
            assert match["person"][name] is None or match["person"][name] not in shown


def test_without_a_provider_files_are_read_and_nobody_is_asked_about(home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db)
    result = ask(home, db, clock)
    assert result.metadata is not None
    assert (verdict(result), result.metadata["asked_now"]) == ((True, ""), 0)
    assert len(db.table("enriched_contacts").columns) > 0
    assert merge(home, db).metadata is not None
    assert db.table("enriched_contacts").count == 1


def test_a_provider_that_is_away_leaves_a_warning_and_no_failure(home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db)
    result = ask(home, db, clock, Failing(ServiceUnavailable("reach: no answer in 3 attempts")))
    assert verdict(result) == (False, "reach: no answer in 3 attempts")
    (checked,) = result.check_results or ()
    assert checked.severity == dg.AssetCheckSeverity.WARN


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (SettingsError("reach: the server refuses the token"), "reach: the server refuses the token"),
        (KeyError("Robin Weaver"), "reach: an error of LIENDEA's own (KeyError)"),
    ],
)
def test_a_refused_key_or_a_bug_is_told_by_the_check_and_fails_no_step(
    home: Home, db: Database, clock: VirtualClock, problem: Exception, told: str
) -> None:
    add_contact(db)
    result = ask(home, db, clock, Failing(problem))
    assert verdict(result) == (False, told)
    (checked,) = result.check_results or ()
    assert checked.severity == dg.AssetCheckSeverity.ERROR


def test_a_provider_that_another_process_is_asking_is_left_to_it(home: Home, db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    add_known(db)
    app = create_app(KNOWN, [(60, 100)])
    with reach_of(app, db, clock) as reach, exclusive(db, "enrichment-reach"):
        result = ask(home, db, clock, reach)
    passed, stopped = verdict(result)
    assert (passed, "busy" in str(stopped)) == (False, True)
    assert (app.state.book.arrivals, answers(db)) == (0, {})
