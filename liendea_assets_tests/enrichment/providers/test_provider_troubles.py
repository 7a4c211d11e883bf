"""What goes wrong with one provider in whole runs, and what becomes of everybody else."""

from pathlib import Path

from starlette.responses import JSONResponse

from liendea_assets.db.connection import Database
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.provider import Provider
from liendea_assets.enrichment.run import enrich_all
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.plain_server import HIT, PlainServer, plain_file
from liendea_assets_tests.enrichment.providers.serving import provider_of
from liendea_assets_tests.enrichment.rows import add_contact

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
