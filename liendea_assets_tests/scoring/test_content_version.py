"""The data version of icp_scores changes when a score or its explanation does, and only then."""

from collections.abc import Callable

import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.scoring import store
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.settings import ScoringSettings, TitleWeights, Weights
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact, change_contact

SHIPPED = ScoringSettings()


def lose(db: Database) -> None:
    with db.conn:
        db.conn.execute("DELETE FROM enriched_contacts WHERE contact_id = 2")


@pytest.mark.parametrize(
    ("happens", "config", "is_new"),
    [
        (lambda db: None, SHIPPED, False),
        (lambda db: None, ScoringSettings(minimum_score=60), False),
        # nobody has this value
        (lambda db: None, ScoringSettings(weights=Weights(title=TitleWeights(influencer=14))), False),
        (lambda db: change_contact(db, 1, full_name="Robin Weaver-Hall"), SHIPPED, False),
        (lambda db: None, ScoringSettings(weights=Weights(title=TitleWeights(decision_maker=24))), True),
        # the same points by other words
        (lambda db: change_contact(db, 1, title="Chief Revenue Officer"), SHIPPED, True),
        (lambda db: add_contact(db, 3), SHIPPED, True),
        (lose, SHIPPED, True),
        (lose, ScoringSettings(minimum_score=60), True),
    ],
)
def test_version_follows_the_content(
    db: Database, clock: VirtualClock, happens: Callable[[Database], object], config: ScoringSettings, is_new: bool
) -> None:
    add_contact(db, 1)
    add_contact(db, 2)
    rescore(db, SHIPPED, to_text(clock.now()))
    before = store.content_version(db)
    clock.sleep(60)
    happens(db)
    rescore(db, config, to_text(clock.now()))
    assert (store.content_version(db) != before) == is_new
