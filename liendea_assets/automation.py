"""Jobs, schedules and sensors. Each calls one plain function; none of them runs what sends or exports mail."""

import json
from contextlib import closing
from dataclasses import asdict

import dagster as dg

from liendea_assets.core.clock import SystemClock, to_text
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database, is_busy_with
from liendea_assets.enrichment import assets as enrichment
from liendea_assets.enrichment.backlog import Asked, LastRun, look_at_backlog
from liendea_assets.enrichment.newly_due import Seen, count_newly_due, find_backlog
from liendea_assets.enrichment.run import LOCK
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.unusable import UnusableProvider
from liendea_assets.imports import landing_store
from liendea_assets.imports.inbox import InboxFile
from liendea_assets.imports.inbox_watch import InboxState, look_at_inbox
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.operations.alerts import RunFailure, tell, tell_of_complaints
from liendea_assets.outreach import assets as outreach
from liendea_assets.reports import assets as reports
from liendea_assets.reports.settings import ReportSettings
from liendea_assets.resources import current_home, log_wait, open_home_database, open_linkedin_account, open_providers, smtp_server
from liendea_assets.runs import has_begun, is_broken_off, is_one_under_way
from liendea_assets.scoring import assets as scoring
from liendea_assets.scoring.config_watch import ConfigChange, look_at_config

CONFIG_KEY = scoring.icp_scoring_config.key
DATA_VERSION_TAG = "dagster/data_version"
FILE_TAG = "liendea/file_sha256"

MAILS = dg.AssetSelection.assets(outreach.email_deliveries)
EVERYTHING = dg.AssetSelection.all()
ENRICHMENT_AND_BELOW = dg.AssetSelection.assets(enrichment.contact_enrichment).downstream() - MAILS
# Exactly what a change of the scoring config touches.
SCORES_AND_BELOW = dg.AssetSelection.assets(scoring.icp_scores).downstream() - MAILS

pipeline = dg.define_asset_job(
    "pipeline", EVERYTHING, description="Everything once: imports, enrichment, scores, queues, dry-run e-mails, report, backup."
)
refresh = dg.define_asset_job(
    "refresh", EVERYTHING - MAILS, description="Everything but the dry-run e-mails: what runs at night and when files arrive."
)
enrichment_job = dg.define_asset_job(
    "enrichment",
    ENRICHMENT_AND_BELOW,
    description="Asks the providers about whoever is left, the most valuable first, and refreshes what is below.",
)
rescoring = dg.define_asset_job(
    "rescoring", SCORES_AND_BELOW, description="Scores and what is below them, after a change of config/icp_scoring.yaml."
)


# Stages whose assets are brought up to date by themselves when what they are made from is another one. Imports and enrichment have
# sensors of their own.
_BY_THEMSELVES = (scoring.GROUP, outreach.GROUP, reports.GROUP)
# Dagster's eager() reruns after an update that changed nothing, and forgets a change that comes while the asset itself is running
# (dagster#33586, #34067). Here a change is remembered until the asset was asked for; one that came by the same run is none. The scoring
# config is left out: its own sensor reports it and asks for the run at once.
_CONFIG = dg.AssetSelection.assets(CONFIG_KEY)
DATA_CHANGED = (
    (
        dg.AutomationCondition.any_deps_match(
            dg.AutomationCondition.newly_updated()
            & dg.AutomationCondition.data_version_changed()
            & ~dg.AutomationCondition.executed_with_root_target()
        )
        .ignore(_CONFIG)
        .since(dg.AutomationCondition.newly_requested())
        | dg.AutomationCondition.any_deps_match(dg.AutomationCondition.will_be_requested()).ignore(_CONFIG)
    )
    & ~dg.AutomationCondition.any_deps_missing().ignore(_CONFIG)
    & ~dg.AutomationCondition.any_deps_in_progress().ignore(_CONFIG)
    & ~dg.AutomationCondition.missing()
    & ~dg.AutomationCondition.in_progress()
    & dg.AutomationCondition.all_deps_blocking_checks_passed().ignore(_CONFIG)
).with_label("the data it is made from changed")

data_changed = dg.AutomationConditionSensorDefinition(
    "data_changed",
    target=dg.AssetSelection.groups(*_BY_THEMSELVES) | dg.AssetSelection.assets(enrichment.enriched_contacts),
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Reruns what lies below an asset whose data changed, where no other run does. The same data again rerun nothing.",
)


def rerun_when_data_changed(asset: dg.AssetsDefinition | dg.AssetSpec) -> dg.AssetsDefinition | dg.AssetSpec:
    """The asset with its automation, if it is to have some: what is made from data and exports no mail."""
    if isinstance(asset, dg.AssetSpec):
        return asset
    spec = asset.get_asset_spec(asset.key)
    is_below = spec.group_name in _BY_THEMSELVES and bool(list(spec.deps)) and asset.key != outreach.email_deliveries.key
    if not is_below and asset.key != enrichment.enriched_contacts.key:
        return asset
    return asset.map_asset_specs(lambda spec: spec.replace_attributes(automation_condition=DATA_CHANGED))


# What may be asking providers.
ENRICHING_JOBS = frozenset({pipeline.name, refresh.name, enrichment_job.name, "__ASSET_JOB"})


class LinkedInFetchConfig(dg.Config):
    """Whose data: the name that was given to `liendea linkedin authorise`."""

    account: str = "me"


@dg.op(pool="linkedin_fetch", description="Fetches the member's own data within rate_limits.yaml; goes on where a former run stopped.")
def fetch_linkedin_archive(context: dg.OpExecutionContext, config: LinkedInFetchConfig) -> None:
    """Fails with what to do when the account is not authorised, or the limits of the day are used up."""
    with open_linkedin_account(current_home(), SystemClock(), config.account, log_wait("linkedin")) as account:
        report = account.fetch(lambda domain, pages, rows: context.log.info("%s: %d pages, %d rows", domain, pages, rows))
    context.log.info("The archive in the inbox is %s.", "new" if report.is_new else "the same as before")


@dg.job(description="A colleague's own LinkedIn data, through the Member Data Portability API, into data/inbox (docs/linkedin.md).")
def linkedin_fetch() -> None:
    """One step; the sensor of the inbox then imports what it brought."""
    fetch_linkedin_archive()


nightly = dg.ScheduleDefinition(
    name="nightly",
    job=refresh,
    cron_schedule="0 2 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every night at two: new files, enrichment within the limits, scores, queues, report, backup.",
)


@dg.sensor(
    job=rescoring,
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Rescores everybody when icp_scoring.yaml or titles.yaml says something else, or a new release has other rules.",
)
def scoring_config_changed(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Reports the config's data version and asks for the run in the same tick, so that an edit, or a release, starts exactly one run.

    The run request has no run key: keys count for ever, and going back to a former config would rerun nothing.
    """
    recorded = _recorded_config_version(context.instance)
    change = look_at_config(current_home(), context.cursor, recorded)
    if not change.is_new:
        context.update_cursor(change.version)
        return dg.SkipReason(f"icp_scoring.yaml, titles.yaml and the rules still say the same (version {change.version}).")
    has_scores = context.instance.get_latest_materialization_event(scoring.icp_scores.key) is not None
    selection = _resolve(context, SCORES_AND_BELOW) if has_scores else None
    return dg.SensorResult(
        cursor=change.version,
        asset_events=[config_event(change)],
        run_requests=[dg.RunRequest(asset_selection=selection)] if selection else [],
        skip_reason=None if selection else dg.SkipReason("Nobody is scored yet; materialise the pipeline once."),
    )


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Imports files dropped into data/inbox once they are whole, and refreshes everything below.",
)
def inbox_changed(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Asks for one run per file that is whole and not recorded yet; one that failed is asked for again later.

    Each run takes in whatever is new in its turn, so that of files dropped together the first run may take all; the pools let one
    run land at a time, and the later ones find nothing left to read. A file's name may be somebody's, so a run is tagged by hash.
    """
    home, clock = current_home(), SystemClock()
    db = open_home_database(home)
    try:
        known = landing_store.known_files(db)
        settings = load_settings(ImportSettings, home, "imports.yaml")
    finally:
        db.conn.close()
    state = _inbox_state(context.cursor)
    home.inbox.mkdir(parents=True, exist_ok=True)

    def is_recorded(file: InboxFile) -> bool:
        return file.sha256 in known and not known[file.sha256].says_other(file, settings)

    state, wanted = look_at_inbox(home.inbox, state, is_recorded, settings.reading_version(), clock.now().timestamp())
    selection = _resolve(context, EVERYTHING - MAILS) if wanted else []
    requests = [dg.RunRequest(asset_selection=selection, tags={FILE_TAG: file.sha256}) for file in wanted]
    skip_reason = None if wanted else dg.SkipReason("No new whole file in data/inbox.")
    return dg.SensorResult(cursor=json.dumps(asdict(state)), run_requests=requests, skip_reason=skip_reason)


@dg.sensor(
    job=enrichment_job,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for the next run of enrichment while contacts are left and a provider has room: windows, pauses, circuit, budget.",
)
def enrichment_backlog(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Short runs one after the other; while one is under way there is nothing to ask for.

    Judged by the database (who became due, which jobs are open) besides what the last run says that came to its end.
    """
    home, clock = current_home(), SystemClock()
    now = clock.now()
    if is_one_under_way(context.instance, ENRICHING_JOBS, now):
        return dg.SkipReason("A run that asks providers is under way.")
    try:
        settings = load_settings(EnrichmentSettings, home, "enrichment.yaml")
        with open_providers(home, clock) as providers, closing(open_home_database(home).conn) as connection:
            db = Database(connection)
            if any(is_busy_with(db, LOCK.format(provider=provider.name)) for provider in providers):
                return dg.SkipReason("A process that asks providers is under way.")
            last, left, seen = _last_enrichment(context.instance)
            newly = count_newly_due(db, providers, settings, to_text(now), seen)
            is_unknown = any(provider.name not in seen for provider in providers)
            backlog = find_backlog(
                providers,
                {name: left.get(name, 0) + newly[name] for name in newly},
                now,
                is_broken_off=is_unknown or is_broken_off(context.instance, enrichment.contact_enrichment.key),
            )
            problems = [str(provider.problem) for provider in providers if isinstance(provider, UnusableProvider)]
            are_all_unusable = len(problems) == len(providers)
    except SettingsError as problem:
        return dg.SkipReason(str(problem))
    if problems and are_all_unusable:
        return dg.SkipReason("; ".join(problems))
    if last is None and not has_begun(context.instance, enrichment.contact_enrichment.key):
        return dg.SkipReason("Nobody was asked about yet; materialise the pipeline once.")
    state = Asked(**json.loads(context.cursor)) if context.cursor else Asked()
    look = look_at_backlog(state, last, backlog, now.timestamp())
    requests = [dg.RunRequest(asset_selection=_resolve(context, ENRICHMENT_AND_BELOW))] if look.is_wanted else []
    skip_reason = None if look.is_wanted else dg.SkipReason(look.why)
    return dg.SensorResult(cursor=json.dumps(asdict(look.state)), run_requests=requests, skip_reason=skip_reason)


@dg.run_failure_sensor(
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Writes every failed run to logs/alerts.jsonl and mails it where reports.yaml names an address.",
)
def run_failed(context: dg.RunFailureSensorContext) -> None:
    """Tells of ids and steps only; an error's own text may hold somebody's data."""
    home = current_home()
    steps = sorted({event.step_key for event in context.get_step_failure_events() if event.step_key})
    failure = RunFailure(context.dagster_run.run_id, context.dagster_run.job_name, steps, to_text(SystemClock().now()))
    tell(failure, home.logs, load_settings(ReportSettings, home, "reports.yaml").alerts, smtp_server())


@dg.sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Writes every complaint about an e-mail to logs/alerts.jsonl, once, and mails it where reports.yaml names an address.",
)
def complaint_came(context: dg.SensorEvaluationContext) -> dg.SkipReason:  # noqa: ARG001 Dagster gives it
    """By the database, whoever has read the mailbox."""
    home = current_home()
    with closing(open_home_database(home).conn) as connection:
        count = tell_of_complaints(
            Database(connection), home.logs, load_settings(ReportSettings, home, "reports.yaml").alerts, smtp_server()
        )
    return dg.SkipReason(f"{count} complaints were told." if count else "No new complaint.")


def config_event(change: ConfigChange) -> dg.AssetMaterialization:
    """What tells Dagster the data version of the scoring config."""
    versions = {"config_version": change.config_version, "rules_version": change.rules_version}
    return dg.AssetMaterialization(CONFIG_KEY, tags={DATA_VERSION_TAG: change.version}, metadata=versions)


def record_config_version(instance: dg.DagsterInstance) -> str:
    """Reports the scoring config's version to Dagster where it is another than the one on record. Returns it.

    Raises:
        SettingsError: the file is not right.
    """
    change = look_at_config(current_home(), None, _recorded_config_version(instance))
    if change.is_new:
        instance.report_runless_asset_event(config_event(change))
    return change.version


def _recorded_config_version(instance: dg.DagsterInstance) -> str | None:
    event = instance.get_latest_materialization_event(CONFIG_KEY)
    materialization = event.asset_materialization if event else None
    return (materialization.tags or {}).get(DATA_VERSION_TAG) if materialization else None


def _resolve(context: dg.SensorEvaluationContext, selection: dg.AssetSelection) -> list[dg.AssetKey]:
    assert context.repository_def is not None
    return sorted(selection.resolve(context.repository_def.asset_graph))


def _last_enrichment(instance: dg.DagsterInstance) -> tuple[LastRun | None, dict[str, int], dict[str, Seen]]:
    """The last run that came to its end, whom it left with each provider, and how far it looked."""
    event = instance.get_latest_materialization_event(enrichment.contact_enrichment.key)
    if event is None or event.asset_materialization is None:
        return None, {}, {}
    counts = {name: value.value for name, value in event.asset_materialization.metadata.items()}
    prefix = enrichment.LEFT.format(provider="")
    left = {name.removeprefix(prefix): int(str(value)) for name, value in counts.items() if name.startswith(prefix)}
    seen = Seen(int(str(counts.get(enrichment.NEWEST_CONTACT, 0))), str(counts.get(enrichment.LOOKED_AT, "")))
    return LastRun(event.timestamp, int(str(counts.get(enrichment.ASKED_NOW, 0)))), left, dict.fromkeys(left, seen)


def _inbox_state(cursor: str | None) -> InboxState:
    if not cursor:
        return InboxState()
    stored = json.loads(cursor)
    stamps = {name: tuple(stamp) for name, stamp in stored["stamps"].items()}
    return InboxState(stamps, stored["asked_for"], stored["nothing_new_in"])
