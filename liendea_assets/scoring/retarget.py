"""Bringing icp_targets up to the scores, to what happened since, and to the campaigns."""

from datetime import date, datetime

import pandas as pd

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, exclusive, to_records
from liendea_assets.scoring import target_store
from liendea_assets.scoring.audience import vocabulary_in_force
from liendea_assets.scoring.campaign_fit import suggest_campaigns
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.targets import advance, enrichment_order, select_targets


def retarget(db: Database, settings: ScoringSettings, now: datetime) -> pd.DataFrame:
    """Makes icp_targets hold who is at or above the minimum score. Returns the table, the best first."""
    minimum = settings.minimum_score
    with exclusive(db, "icp_targets"):
        scores = target_store.read_scores(db, minimum)
        chosen = select_targets(scores, target_store.read_people(db, minimum), minimum)
        targets = advance(chosen, target_store.read_statuses(db), target_store.read_events(db))
        places = scores[scores["contact_id"].isin(targets["contact_id"])].set_index("contact_id")
        order = enrichment_order(places).reindex(targets["contact_id"]).to_numpy()
        target_store.store_targets(db, targets.assign(enrichment_priority=pd.array(order, dtype="Int64")), to_text(now))
    assign_campaigns(db, now.date())
    return target_store.read_targets(db)


def assign_campaigns(db: Database, day: date) -> int:
    """Suggests a campaign for each target. Returns how many got another one than they had. Called after campaigns changed, too."""
    with exclusive(db, "icp_targets"):
        targets = target_store.read_reach(db)
        targets = targets.assign(suggested=suggest_campaigns(targets, target_store.read_campaigns(db), day, vocabulary_in_force(db)))
        rows = to_records(targets)
        changed = [(row["suggested"], row["contact_id"]) for row in rows if row["suggested"] != row["assigned_campaign"]]
        if changed:
            target_store.assign_campaigns(db, changed)
    return len(changed)


def settle_status(db: Database, contact_id: int) -> None:
    """Sets a target's status to what events say, at once: forward after an outcome, and back where one was undone."""
    with exclusive(db, "icp_targets"):
        own = target_store.read_people(db, 0)
        own = own[own["contact_id"] == contact_id]
        status = own["has_answer"].map({1: "enriched", 0: "identified"})
        nothing = target_store.read_statuses(db).iloc[:0]
        events = target_store.read_events(db)
        for row in to_records(advance(own.assign(status=status), nothing, events[events["contact_id"] == contact_id])):
            target_store.set_status(db, contact_id, row["status"], row["status_reason"])
