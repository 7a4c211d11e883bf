"""The Dagster instance of a home: its settings, its lock, and what a crash left behind."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from filelock import FileLock, Timeout

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home

# Written at each start. Pools keep two runs of an asset apart however they were started; a killed run frees its place after a minute.
DAGSTER_YAML = """\
# Written by liendea at each start; changes are lost.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  pools:
    default_limit: 1
    granularity: op
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
  config:
    # the default of 5 s would be a third of the time from saving the scoring config to the start of its run
    dequeue_interval_seconds: 1
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
  max_runtime_seconds: 7200
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 1
      failure: 30
      success: 90
python_logs:
  managed_python_loggers: [liendea_assets]
  python_log_level: INFO
"""


@contextmanager
def open_instance(home: Home, *, alone: bool = False) -> Iterator[dg.DagsterInstance]:
    """The instance below data/dagster, so that runs, schedules and history stay. Sets `LIENDEA_HOME` and `DAGSTER_HOME`.

    Runs that a crash left "in progress" are marked as failed, unless another process uses the instance: theirs may be alive.

    Args:
        alone: refuse to start beside another process that uses the home.

    Raises:
        SettingsError: `alone` was asked for, and it is not.
    """
    folder = home.make_private_folder(home.dagster)
    os.environ["LIENDEA_HOME"] = str(home.root)
    os.environ["DAGSTER_HOME"] = str(folder)
    # Dagster makes its tables without a lock: of two first starts at once one died with "table snapshots already exists"
    with FileLock(folder / "opening.lock"):
        (folder / "dagster.yaml").write_text(DAGSTER_YAML)
        opened = dg.DagsterInstance.get()
    with opened as instance:
        lock = FileLock(folder / "in-use.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if alone:
                raise SettingsError(f"{home.root} is in use by another liendea process; end that one first") from None
            yield instance
            return
        try:
            _end_orphaned_runs(instance)
            yield instance
        finally:
            lock.release()


def _end_orphaned_runs(instance: dg.DagsterInstance) -> None:
    """Nobody else uses the instance, so a run that is "in progress" has lost its process."""
    alive = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    for run in instance.get_runs(dg.RunsFilter(statuses=alive)):
        instance.report_run_failed(run, "The process of this run ended before the run did.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
