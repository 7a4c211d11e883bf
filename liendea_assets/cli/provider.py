"""`liendea provider list|check`: which providers there are, and whether one answers as its file says."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from datetime import datetime

import click

from liendea_assets.cli.services import sandbox_if_wanted
from liendea_assets.core.clock import Clock, SystemClock
from liendea_assets.core.environment import environment, read_env_file
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.enrichment.provider import PersonQuery, ProviderAnswer
from liendea_assets.enrichment.providers.http_provider import HttpProvider, first_operation
from liendea_assets.enrichment.providers.job_store import StoredJob
from liendea_assets.enrichment.providers.limit_settings import Limits
from liendea_assets.enrichment.providers.load import (
    ProviderFile,
    add_pacing,
    add_windows,
    open_allowance,
    open_provider,
    read_provider_file,
    read_provider_files,
)
from liendea_assets.enrichment.providers.operations import INPUTS
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.resources import (
    configured_providers,
    in_place,
    open_home_database,
    open_limiter,
    pacing_in_force,
    provider_environment,
    windows_in_force,
)
from liendea_assets.sandbox.reach_server import sample_people

FAILED = 1
# Longest wait for a slot: a check is made by somebody who sits before it.
MAX_WAIT_S = 120.0
# Invented, at a domain that belongs to nobody: a provider that knows nobody there answers without a cost. Whether the address works
# would be charged for, and is not asked.
NOBODY = {
    "first_name": "Robin",
    "last_name": "Weaver",
    "email": "robin.weaver@example.com",
    "email_status": "unknown",
    "company": "Example",
    "domain": "example.com",
}


class _PassingJobs:
    """Jobs of a check, kept for as long as it lasts: it is about no contact of the home."""

    def __init__(self) -> None:
        self._jobs: dict[int, StoredJob] = {}

    def add(self, operation: str, contact_ids: Sequence[int], _now: datetime, deadline_at: datetime, spending_id: int) -> int:
        job_id = len(self._jobs) + 1
        self._jobs[job_id] = StoredJob(job_id, operation, None, tuple(contact_ids), deadline_at, deadline_at, spending_id)
        return job_id

    def open(self, job_id: int, reference: str, next_poll_at: datetime) -> None:
        self._jobs[job_id] = StoredJob(**{**asdict(self._jobs[job_id]), "reference": reference, "next_poll_at": next_poll_at})

    def postpone(self, job_id: int, next_poll_at: datetime) -> None:
        self._jobs[job_id] = StoredJob(**{**asdict(self._jobs[job_id]), "next_poll_at": next_poll_at})

    def close(self, job_id: int, _outcome: str) -> None:
        del self._jobs[job_id]

    def read(self) -> list[StoredJob]:
        return list(self._jobs.values())


def list_providers(home: Home) -> None:
    """Prints what every provider's file says: whether it is asked, how, within which limits, and what that costs.

    Raises:
        SettingsError: a file is not right.
    """
    read_env_file(home.root)
    first = load_settings(EnrichmentSettings, home, "enrichment.yaml").provider_order
    for file in read_provider_files(home, first):
        settings = file.settings
        click.echo(file.name)
        is_set = bool(environment(settings.base_url))
        _line("  asked", f"yes ({settings.base_url})" if is_set else f"no: {settings.base_url} is not set in .env")
        _line("  with", " ".join((settings.auth.kind, *settings.auth.variables)))
        for operation in settings.operations:
            batch = f", up to {operation.batch_size} at once" if operation.batch else ""
            needs = " | ".join(" + ".join(needed) for needed in operation.needs)
            _line("  can", f"{operation.name}{batch}{', as a job' if operation.job else ''}: {needs}")
        for limits in file.limits:
            _line("  limits", f"{limits.key}: {_describe_windows(limits) or 'those of rate_limits.yaml'}")
        _line("  costs", f"{settings.credits.amount:g} a {settings.credits.per}")
        _line("  file", str(file.path))


def _describe_windows(limits: Limits) -> str:
    return ", ".join(
        f"{window.requests or window.entities:,} {'requests' if window.requests else 'people'} in {window.seconds:,} s"
        for window in limits.windows
    )


def check_provider(home: Home, name: str, asked: Mapping[str, str]) -> int:
    """Asks once, by the first operation that has what it needs, and prints what came of it. Returns the exit code; nothing is stored.

    The limits and budgets are those of a run: of all files that are asked, since some share a key.

    Args:
        asked: input → value of whom to ask about; somebody invented where nothing is given.

    Raises:
        SettingsError: the file, the address or a secret is not right.
        TransientError: no answer for now.
    """
    unknown = [field for field in asked if field not in INPUTS or field == "linkedin_id"]
    if unknown:
        raise SettingsError(
            f"--ask {unknown[0]}: found {unknown[0]}; allowed: {', '.join(field for field in INPUTS if field != 'linkedin_id')}"
        )
    read_env_file(home.root)
    file = read_provider_file(home, name)
    files = read_provider_files(home)
    add_windows(files, windows_in_force(home))
    add_pacing(files, pacing_in_force(home))
    _line("File", f"{file.path} is right")
    if not environment(file.settings.base_url):
        _line("Call", f"none: {file.settings.base_url} is not set in .env")
        return 0
    with sandbox_if_wanted(home) as sandbox:
        known = dict(asked) or ({"reach_id": sample_people()[0]["person"]["reach_id"]} if name == "reach" and sandbox else NOBODY)
        return _check_by_call(home, in_place(file), PersonQuery(0, **known), SystemClock())


def _check_by_call(home: Home, file: ProviderFile, query: PersonQuery, clock: Clock) -> int:
    operation = first_operation(file.settings, query)
    if operation is None:
        needs = "; ".join(" and ".join(needed) for one in file.settings.operations for needed in one.needs)
        raise SettingsError(f"{file.name}: too little to ask with; give --ask FIELD=VALUE for {needs}")
    # the others would be further calls, and cost what they cost
    file = replace(file, settings=file.settings.model_copy(update={"operations": (operation,)}))
    ledger = open_home_database(home, durable=True)
    spending = open_home_database(home, durable=True)
    files, settings = configured_providers(home), load_settings(EnrichmentSettings, home, "enrichment.yaml")
    allowances = {one.name: open_allowance(one, settings, spending, clock) for one in files}
    limiter = open_limiter(home, ledger, clock, files, [allowance.calls for allowance in allowances.values()])
    given = provider_environment(file)
    _line("Address", f"{given[file.settings.base_url]} ({file.settings.base_url})")
    with (
        closing(ledger.conn),
        closing(spending.conn),
        closing(open_provider(file, given, _PassingJobs(), allowances[file.name], limiter, clock, MAX_WAIT_S)) as provider,
    ):
        _line("Asks for", operation.name)
        _line("May send", ", ".join(sorted(provider.disclosed(query))))
        began = time.monotonic()
        answer = _ask(provider, query, clock)
        _print_answer(answer, time.monotonic() - began)
    return FAILED if answer.outcome == "rejected" else 0


def _ask(provider: HttpProvider, query: PersonQuery, clock: Clock) -> ProviderAnswer:
    (answer,) = provider.look_up([query])
    while answer.outcome == "pending" and (next_poll_at := provider.next_poll_at()) is not None:
        wait_s = max(0.0, (next_poll_at - clock.now()).total_seconds())
        _line("Pending", f"asked again in {wait_s:.0f} s")
        clock.sleep(wait_s)
        for answers in provider.finished_jobs():
            answer = answers[0]
    return answer


def _print_answer(answer: ProviderAnswer, seconds: float) -> None:
    sure = f", confidence {answer.confidence:.2f}" if answer.confidence is not None else ""
    _line("Answer", f"{answer.outcome}{sure}, after {seconds:.1f} s")
    if answer.reason:
        _line("Reason", answer.reason)
    if answer.answer_hash:
        _line("SHA-256", answer.answer_hash)
    _line("Cost", f"{answer.cost or 0:g} credits")
    for position, (field, value) in enumerate(sorted(answer.values.items())):
        _line("" if position else "Mapped", f"{field:<16}{value}")


def _line(label: str, text: str) -> None:
    click.echo(f"{label:<10}{text}")
