"""`liendea run`: the whole graph once, in this process, with progress on the way and a summary at the end."""

import os
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import click
import dagster as dg
from dagster_shared.error import SerializableErrorInfo
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from liendea_assets.automation import record_config_version
from liendea_assets.cli.check_config import check_config
from liendea_assets.cli.instance import open_instance
from liendea_assets.cli.services import mail_sandbox_if_wanted, sandbox_if_wanted
from liendea_assets.cli.summary import print_summary
from liendea_assets.clients.store import count_attempts
from liendea_assets.core.environment import read_env_file
from liendea_assets.core.errors import LiendeaError
from liendea_assets.core.home import Home
from liendea_assets.definitions import defs
from liendea_assets.resources import open_home_database, windows_in_force
from liendea_assets.scoring.store import read_last_run

FAILED, CHECK_FAILED = 1, 3


@dataclass(frozen=True, slots=True)
class _Failure:
    """A step or a check that failed.

    Attributes:
        weight: 0 for a warning, 1 for a check, 2 for a step or a blocking check.
    """

    what: str
    weight: int


def run_once(home: Home) -> int:
    """Materialises everything and prints the summary. Returns the exit code that `liendea run --help` explains.

    Raises:
        SettingsError: a config file is not right; nothing was started.
    """
    started = time.monotonic()
    read_env_file(home.root)
    check_config(home)
    home.inbox.mkdir(parents=True, exist_ok=True)
    with open_instance(home) as instance, sandbox_if_wanted(home) as sandbox, mail_sandbox_if_wanted(home):
        db = open_home_database(home)
        record_config_version(instance)
        attempts_before = count_attempts(db)
        job = defs.resolve_job_def("pipeline")
        run_id = str(uuid.uuid4())
        with _showing_progress(instance, run_id, len(job.nodes)):
            quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
            result = job.execute_in_process(instance=instance, run_id=run_id, raise_on_error=False, run_config=quiet)
        failures = _failures(result)
        print_summary(
            home,
            db,
            attempts_before,
            windows_in_force(home),
            sandbox,
            [failure.what for failure in failures if failure.weight],
            [failure.what for failure in failures if not failure.weight],
            time.monotonic() - started,
        )
        db.conn.close()
    worst = max((failure.weight for failure in failures), default=0)
    return FAILED if not result.success or worst == 2 else CHECK_FAILED if worst == 1 else 0


def materialize_upstream(home: Home, assets: Sequence[str]) -> bool:
    """Materialises some assets with all that lies above them, and prints nothing. Returns whether all of it succeeded.

    Raises:
        SettingsError: a config file is not right; nothing was started.
    """
    check_config(home)
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with open_instance(home) as instance:
        record_config_version(instance)
        wanted = dg.AssetSelection.assets(*assets).upstream().resolve(defs.resolve_asset_graph())
        job = defs.resolve_job_def("pipeline")
        result = job.execute_in_process(instance=instance, raise_on_error=False, run_config=quiet, asset_selection=list(wanted))
    return result.success


def rescore_once(home: Home) -> int:
    """Runs what a change of the scoring config concerns, and prints what came out. Returns 0, or 1 where something failed.

    Raises:
        SettingsError: a config file is not right; nothing was started.
    """
    read_env_file(home.root)
    check_config(home)
    db = open_home_database(home)
    is_scored = read_last_run(db) is not None
    db.conn.close()
    if not is_scored:
        click.echo("Nobody is scored yet: liendea run does it.", err=True)
        return FAILED
    with open_instance(home) as instance:
        record_config_version(instance)
        job = defs.resolve_job_def("rescoring")
        run_id = str(uuid.uuid4())
        with _showing_progress(instance, run_id, len(job.nodes)):
            quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
            result = job.execute_in_process(instance=instance, run_id=run_id, raise_on_error=False, run_config=quiet)
    failures = [failure for failure in _failures(result) if failure.weight == 2]
    for failure in failures:
        click.echo(failure.what, err=True)
    for event in result.get_asset_materialization_events():
        if event.asset_key in (dg.AssetKey("icp_scores"), dg.AssetKey("icp_targets")):
            rows = event.materialization.metadata["dagster/row_count"].value
            click.echo(f"{event.asset_key.to_user_string()}: {rows} rows")
    return FAILED if failures or not result.success else 0


def _failures(result: dg.ExecuteInProcessResult) -> list[_Failure]:
    """Steps that failed and checks that did not pass; a step that only its own blocking check stopped is told once."""
    steps = [
        _Failure(f"{event.step_key} failed: {_cause(event.step_failure_data.error)}", 2)
        for event in result.all_events
        if event.is_step_failure and not _is_stopped_by_check(event.step_failure_data.error)
    ]
    checks = [
        _Failure(_describe(check), 2 if check.blocking else 1 if check.severity == dg.AssetCheckSeverity.ERROR else 0)
        for check in result.get_asset_check_evaluations()
        if not check.passed
    ]
    if not result.success and not any(failure.weight == 2 for failure in steps + checks):
        # what all steps need could not be had, a token for example, so none of them began
        errors = [event.job_failure_data.error for event in result.all_events if event.event_type == dg.DagsterEventType.RUN_FAILURE]
        steps.append(_Failure(f"the run failed: {_cause(errors[0] if errors else None)}", 2))
    return steps + checks


def _describe(check: dg.AssetCheckEvaluation) -> str:
    """The check with the counts, ids and line numbers that it rests on."""
    facts = ", ".join(f"{name} {value.value}" for name, value in check.metadata.items())
    return f"check {check.check_name} of {check.asset_key.to_user_string()} failed" + (f": {facts}" if facts else "")


def _is_stopped_by_check(error: SerializableErrorInfo | None) -> bool:
    return error is not None and error.cls_name == "DagsterAssetCheckFailedError"


def _cause(error: SerializableErrorInfo | None) -> str:
    """Our own errors explain themselves and hold nobody's data; of others only the kind is told."""
    if error is not None and error.cls_name == dg.DagsterExecutionInterruptedError.__name__:
        return "stopped by you; what was done is kept, and the next run goes on from there"
    own = {kind.__name__ for kind in _subclasses(LiendeaError)}
    kind = None
    while error is not None:
        if error.cls_name in own:
            return error.message.strip().partition(": ")[2]
        kind, error = error.cls_name, error.cause
    return f"{kind}; see the run in the Dagster UI" if kind else "see the run in the Dagster UI"


def _subclasses(kind: type[LiendeaError]) -> Iterator[type[LiendeaError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


@contextmanager
def _showing_progress(instance: dg.DagsterInstance, run_id: str, steps: int) -> Iterator[None]:
    """A bar over the steps, with the step's latest line, on the terminal's own standard error.

    Dagster redirects the streams of a step into a file, so the bar writes to a copy of the descriptor.
    """
    with os.fdopen(os.dup(2), "w") as stream:
        console = Console(file=stream)
        columns: Sequence[TextColumn | BarColumn | MofNCompleteColumn | TimeElapsedColumn] = (
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[line]}"),
        )
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("starting", total=steps, line="")

            def show(entry: dg.EventLogEntry) -> None:
                event = entry.dagster_event
                if event is None:
                    progress.update(task, line=entry.user_message[:80])
                elif event.is_step_start:
                    progress.update(task, description=event.step_key or "", line="")
                elif event.is_step_success or event.is_step_failure or event.is_step_skipped:
                    progress.advance(task)
                    if not console.is_terminal:
                        click.echo(f"{event.step_key}: {'failed' if event.is_step_failure else 'done'}", file=stream)

            instance.add_event_listener(run_id, show)
            yield
