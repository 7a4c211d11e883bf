"""The assets of the scoring stage."""

import dagster as dg

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.home import Home
from liendea_assets.core.settings import config_version
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.enrichment import assets as enrichment
from liendea_assets.imports import assets as imports
from liendea_assets.materialized import check, table_result
from liendea_assets.scoring import account_store, store, suppressed_store
from liendea_assets.scoring.account_scores import score_accounts
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.rescore import Rescored, rescore
from liendea_assets.scoring.retarget import retarget
from liendea_assets.scoring.suppressed import exclude_suppressed
from liendea_assets.scoring.target_analysis import update_analysis

GROUP = "scoring"
OWNERS = ["team:revops"]

icp_scoring_config = dg.AssetSpec(
    "icp_scoring_config",
    group_name=GROUP,
    kinds={"yaml"},
    owners=OWNERS,
    description=(
        "The ideal customer profile in config/icp_scoring.yaml, with the words of config/titles.yaml.\n\nIts data version is the hash of "
        "what they say, and of the rules that this release of LIENDEA brings; comments and the order of keys do not count. When it "
        "changes, icp_scores and what lies below are rerun; imports and enrichment are not."
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
        dg.AssetCheckSpec("nobody_suppressed_is_scored", asset="icp_scores", blocking=True),
    ],
)
def icp_scores(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
    """One row per contact: the ICP score as the sum of its parts, with reasons, coverage, the interval left by unknown values, priority.

    Computed from enriched_contacts and linkedin_connections by the rules of config/icp_scoring.yaml; who is suppressed has none. Where
    the config is the same, only contacts whose data changed are looked at, and only rows that differ are written. What changed is
    added to icp_score_changes with its cause.
    """
    settings = load_scoring_settings(home)
    now = to_text(clock.now())
    with exclusive(database, "icp_scores"):
        exclude_suppressed(database, home.data / "secret.key")
        found = rescore(database, settings, now)
        checks = _check_scores(database, found)
    summary = store.summarize(database, settings.minimum_score)
    return table_result(
        database,
        "icp_scores",
        shown=["contact_id", "icp_score", "fit_score", "relationship_score", "coverage", "score_min", "score_max", "priority",
               "priority_best", "priority_worst", "disqualified_by", "config_version", "scored_at"],
        version=store.content_version(database),
        metadata={
            "config_version": config_version(settings),
            "mean_score": float(summary["mean"]),
            "at_or_above_minimum": int(summary["at_or_above"]),
            "looked_at": found.scored,
            "written": found.written,
            **{f"changed_by_{cause}": contacts for cause, contacts in store.count_changes(database, now).items()},
        },
        checks=checks,
    )  # fmt: skip


@dg.asset(
    group_name=GROUP,
    kinds={"pandas", "sqlite"},
    owners=OWNERS,
    deps=[icp_scoring_config, icp_scores],
    pool="icp_targets",
    check_specs=[dg.AssetCheckSpec("nobody_suppressed_is_a_target", asset="icp_targets", blocking=True)],
)
def icp_targets(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
    """One row per contact at or above the minimum score, with reason, status, priority, suggested campaign and order of asking.

    Key: contact. A contact that falls below the minimum, or is suppressed, leaves the table; one that stays keeps its id and date. The
    status goes forward only: enriched when a provider found them, engaged by a message that was sent or a tie that came, responded by a
    human reply. `enrichment_priority` 1 is whom to ask about first. The team's own members are no targets.
    """
    targets = retarget(database, load_scoring_settings(home), clock.now())
    left = suppressed_store.count_left(database)["targeted"]
    return table_result(
        database,
        "icp_targets",
        shown=["id", "contact_id", "icp_score", "status", "status_reason", "priority", "enrichment_priority", "assigned_campaign",
               "created_at"],
        # which campaign suits them follows the campaigns, and changes with these alone
        content=targets.drop(columns=["id", "created_at", "assigned_campaign"]),
        metadata={f"priority_{priority}": int(count) for priority, count in targets["priority"].value_counts().sort_index().items()}
        | {str(status): int(count) for status, count in targets["status"].value_counts().items()},
        checks=[check("nobody_suppressed_is_a_target", left == 0, targets=left)],
    )  # fmt: skip


@dg.asset(group_name=GROUP, kinds={"pandas", "sqlite"}, owners=OWNERS, deps=[icp_scoring_config, icp_scores], pool="icp_accounts")
def icp_accounts(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database]) -> dg.MaterializeResult:
    """One row per company: the account's score (own fit and people), segment, best contact. `is_target`: the account-level target list.

    Key: company. By the rules of config/icp_scoring.yaml that look at companies, and its keys accounts and segments. Only rows that differ
    are written; companies.icp_score is filled too, and companies.gtm_segment where no workbook says it.
    """
    settings = load_scoring_settings(home)
    with exclusive(database, "icp_accounts"):
        accounts = score_accounts(account_store.read_companies(database), account_store.read_people(database), settings)
        account_store.store_accounts(database, accounts)
    return table_result(
        database,
        "icp_accounts",
        shown=["company_id", "icp_score", "own_fit", "coverage", "best_score", "best_contact_id", "breadth", "contacts", "gtm_segment",
               "segment_source", "disqualified_by", "is_target"],
        content=accounts[list(account_store.ACCOUNT_COLUMNS)],
        metadata={
            "targets": int(accounts["is_target"].sum()),
            "segments_by_rule": int((accounts["segment_source"] == "rule").sum()),
            "mean_score": float(accounts["icp_score"].mean()) if len(accounts) else 0.0,
        },
    )  # fmt: skip


@dg.asset(group_name=GROUP, kinds={"pandas", "sqlite"}, owners=OWNERS, deps=[icp_targets, icp_accounts], pool="icp_target_analysis")
def icp_target_analysis(
    home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]
) -> dg.MaterializeResult:
    """One row per segment, industry, level and function: contacts, targets, mean score, and who came, went and moved.

    Key: dimension and value. Compared is with the list of targets before the last one that differed in people or priorities.
    """
    analysis = update_analysis(database, load_scoring_settings(home), clock)
    every = analysis[analysis["dimension"] == "all"]
    return table_result(
        database,
        "icp_target_analysis",
        shown=list(analysis.columns),
        content=analysis,
        metadata={name: int(every[name].iloc[0]) for name in ("targets", "came", "gone", "moved_up", "moved_down")},
    )


def _check_scores(database: Database, found: Rescored) -> list[dg.AssetCheckResult]:
    """Of the stored parts, in the transaction that wrote them: wrong scores are never kept."""
    unscored, left = store.count_unscored(database), suppressed_store.count_left(database)
    return [
        check("scores_are_the_sum_of_their_parts", found.unequal == 0, unequal=found.unequal),
        check("scores_are_within_0_and_100", found.outside == 0, outside=found.outside),
        check("every_contact_is_scored", unscored == 0, unscored=unscored, suppressed=left["suppressed"]),
        check("nobody_suppressed_is_scored", left["scored"] == 0, scored=left["scored"]),
    ]
