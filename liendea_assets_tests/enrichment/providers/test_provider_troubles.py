"""What goes wrong with one provider in whole runs, and what becomes of everybody else."""

from pathlib import Path

import pytest
from starlette.responses import JSONResponse

from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import Provider
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.run import enrich_all
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.plain_server import HIT, PlainServer, plain_file
from liendea_assets_tests.enrichment.providers.serving import outcomes, provider_of
from liendea_assets_tests.enrichment.rows import add_contact, answers

SETTINGS = EnrichmentSettings()


def run(db: Database, clock: VirtualClock, *providers: Provider) -> dict[str, EnrichmentReport]:
    return enrich_all(db, providers, SETTINGS, clock, lambda *_: None)


def test_a_quota_that_is_used_up_hands_nobody_to_the_next(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    """Also of a provider whose file says nothing of quotas: 402 is the same word everywhere."""
    for _ in range(3):
        add_contact(db)
    first, second = PlainServer(lambda *_: JSONResponse({}, 402)), PlainServer(lambda *_: HIT)
    with (
        provider_of(first, plain_file(tmp_path, "first"), db, clock) as cheap,
        provider_of(second, plain_file(tmp_path, "second", more="wanted: [title]"), db, clock) as dear,
    ):
        report = run(db, clock, cheap, dear)["first"]
    assert (len(first.asked), second.asked, report.is_failure) == (1, [], False)
    assert report.stopped == "first: the quota is used up (status 402); asked again later"


@pytest.mark.parametrize("table", ["rate_limit_tracking", "provider_spending"])
def test_an_answer_is_kept_though_its_end_or_its_cost_cannot_be_noted(
    db: Database, clock: VirtualClock, tmp_path: Path, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The attempt counts until its latest end, and the call as the most that it may cost."""
    contact = add_contact(db)
    db.conn.execute(f"CREATE TRIGGER full_disk BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END")
    server = PlainServer(lambda *_: HIT)
    with provider_of(server, plain_file(tmp_path, "first"), db, clock) as provider:
        report = run(db, clock, provider)["first"]
    assert (len(server.asked), report.hits, report.stopped) == (1, 1, None)
    assert answers(db, "first")[contact]["title"] == "Head of Sales"
    assert (outcomes(db), [row["spent"] for row in db["provider_spending"].rows]) == (
        ([("first", "find", "in flight")], [1.0]) if table == "rate_limit_tracking" else ([("first", "find", "status 200")], [None])
    )
    assert "is not" in caplog.text
    assert "Weaver" not in caplog.text
