"""Which runs of Dagster are in progress for certain: a process that is killed leaves its run in progress for hours."""

import os
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import dagster as dg

# A run that says nothing of its process is believed for so long.
BELIEVED_FOR = timedelta(minutes=10)

_QUEUED = dg.DagsterRunStatus.QUEUED
_BEGUN = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED)


def is_one_under_way(instance: dg.DagsterInstance, job_names: Collection[str], now: datetime) -> bool:
    """Whether a run of these jobs waits for its turn or is in progress.

    A run whose process is gone is told to have failed, or it would keep its place in the pools, and the next run would wait for it.
    """
    is_found = False
    for record in instance.get_run_records(dg.RunsFilter(statuses=[_QUEUED, *_BEGUN])):
        run = record.dagster_run
        if run.job_name not in job_names:
            continue
        processes = set() if run.status is _QUEUED else set(_processes(instance, run.run_id))
        if processes and not any(_is_alive(process) for process in processes):
            instance.report_run_failed(run, "The process of this run ended before the run did.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        elif processes or run.status is _QUEUED or now - record.update_timestamp < BELIEVED_FOR:
            is_found = True
    return is_found


def is_broken_off(instance: dg.DagsterInstance, key: dg.AssetKey) -> bool:
    """Whether the last run that was to materialise an asset ended without doing so, or is about to."""
    planned = instance.get_latest_planned_materialization_info(key)
    last = instance.get_latest_materialization_event(key)
    return planned is not None and (last is None or last.run_id != planned.run_id)


def has_begun(instance: dg.DagsterInstance, key: dg.AssetKey) -> bool:
    """Whether ever a run was to materialise an asset."""
    return instance.get_latest_planned_materialization_info(key) is not None


def _processes(instance: dg.DagsterInstance, run_id: str) -> Iterator[int]:
    """Of the run and of its steps, as its events tell them."""
    for record in instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT).records:
        event = record.event_log_entry.dagster_event
        told = event.engine_event_data.metadata.get("pid") if event is not None else None
        if told is not None and str(told.value).isdecimal():
            yield int(str(told.value))


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        # there a signal of 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
