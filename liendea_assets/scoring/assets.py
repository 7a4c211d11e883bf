"""The assets of the scoring stage."""

import dagster as dg
import pandas as pd

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.home import Home
from liendea_assets.core.settings import config_version
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.enrichment import assets as enrichment
from liendea_assets.imports import assets as imports
from liendea_assets.materialized import check, table_result
from liendea_assets.scoring import store
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.score import parts_total, score_contacts
from liendea_assets.scoring.targets import select_targets

GROUP = "scoring"
OWNERS = ["team:revops"]

icp_scoring_config = dg.AssetSpec(
    "icp_scoring_config",
    group_name=GROUP,
    kinds={"yaml"},
    owners=OWNERS,
    description=(
        "The ideal customer profile in config/icp_scoring.yaml, with the words of config/titles.yaml.\n\nIts data version is the hash of "
        "what they say; comments and the order of keys do not count. When it changes, icp_scores and what lies below are rerun; imports "
        "and enrichment are not."
    ),
)


@dg.asset(
    group_name=GROUP,
    kinds={"pandas", "sqlite"},
    owners=OWNERS,
    deps=[icp_scoring_config, enrichment.enriched_contacts, imports.linkedin_connections],
    pool="icp_scores",
    check_specs=[
        dg.AssetCheckSpec("scores_are_the_sum_of_their_parts", asset="icp_scores", blocking=True),
        dg.AssetCheckSpec("scores_are_within_0_and_100", asset="icp_scores", blocking=True),
        dg.AssetCheckSpec("every_contact_is_scored", asset="icp_scores", blocking=True),
    ],
)
def icp_scores(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
    """One row per contact: the ICP score as the sum of its parts, with reasons, coverage, the interval left by unknown values, priority.

    Computed from enriched_contacts and linkedin_connections by the rules of config/icp_scoring.yaml; what changed is added to
    icp_score_changes with its cause.
    """
    settings = load_scoring_settings(home)
    version, now = config_version(settings), to_text(clock.now())
    with exclusive(database, "icp_scores"):
        people = store.read_contacts(database)
        scores = score_contacts(people, settings)
        checks = _check_scores(scores, people)
        if all(result.passed for result in checks):
            store.store_scores(database, scores, version, now)
    return table_result(
        database,
        "icp_scores",
        shown=["contact_id", "icp_score", "coverage", "score_min", "score_max", "priority", "config_version", "scored_at"],
        content=scores.assign(config_version=version),
        metadata={
            "config_version": version,
            "mean_score": float(scores["icp_score"].mean()) if len(scores) else 0.0,
            "at_or_above_minimum": int((scores["icp_score"] >= settings.minimum_score).sum()),
            **{f"changed_by_{cause}": contacts for cause, contacts in store.count_changes(database, now).items()},
        },
        checks=checks,
    )


@dg.asset(group_name=GROUP, kinds={"pandas", "sqlite"}, owners=OWNERS, deps=[icp_scores], pool="icp_targets")
def icp_targets(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
    """One row per contact at or above the minimum score, with the reason, status and priority; the team's own members are none.

    A contact that falls below the minimum leaves the table; one that stays keeps its id, date and status.
    """
    settings = load_scoring_settings(home)
    with exclusive(database, "icp_targets"):
        targets = select_targets(store.read_scores(database), store.read_contacts(database), settings.minimum_score)
        store.store_targets(database, targets, to_text(clock.now()))
    return table_result(
        database,
        "icp_targets",
        shown=["id", "contact_id", "icp_score", "status", "priority", "assigned_campaign", "created_at"],
        content=targets,
        metadata={f"priority_{priority}": int(count) for priority, count in targets["priority"].value_counts().sort_index().items()},
    )


def _check_scores(scores: pd.DataFrame, people: pd.DataFrame) -> list[dg.AssetCheckResult]:
    """Checked before anything is written, so that wrong scores never stand in the table."""
    unequal = int((scores["parts"].map(parts_total) != scores["icp_score"]).sum())
    outside = int((~scores["icp_score"].between(0, 100)).sum())
    unscored = len(set(people["contact_id"]) - set(scores["contact_id"]))
    return [
        check("scores_are_the_sum_of_their_parts", unequal == 0, unequal=unequal),
        check("scores_are_within_0_and_100", outside == 0, outside=outside),
        check("every_contact_is_scored", unscored == 0 and scores["contact_id"].is_unique, unscored=unscored),
    ]
