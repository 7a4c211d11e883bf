"""Providers in front of servers on loopback."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from starlette.types import ASGIApp

from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.core.clock import Clock
from liendea_assets.core.home import default_config
from liendea_assets.core.settings import load_file
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets.enrichment.providers.http_provider import HttpProvider
from liendea_assets.enrichment.providers.job_store import JobStore
from liendea_assets.enrichment.providers.load import ProviderFile, add_windows, open_allowance, open_provider
from liendea_assets.enrichment.providers.miss_store import MissStore
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import another

KEY = "s3cret-key"

ROBIN = PersonQuery(
    1,
    email="robin.weaver@acmelabs.example",
    linkedin_url="https://www.linkedin.com/in/robin-weaver",
    first_name="Robin",
    last_name="Weaver",
    company="Acme Labs",
    domain="acmelabs.example",
)


def stranger(contact_id: int) -> PersonQuery:
    """Somebody whom no server knows."""
    return PersonQuery(contact_id, first_name="Nemo", last_name=f"Nobody{contact_id}", company="Nowhere", domain="nowhere.example")


def read_file(name: str) -> ProviderFile:
    """A shipped file."""
    path = default_config() / "providers" / f"{name}.yaml"
    return ProviderFile(name, path, load_file(ProviderSettings, path))


def written_file(folder: Path, name: str, text: str) -> ProviderFile:
    """A file of one's own."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return ProviderFile(name, path, load_file(ProviderSettings, path))


@contextmanager
def provider_at(
    url: str,
    file: ProviderFile,
    db: Database,
    clock: Clock,
    *,
    max_wait_s: float = 600.0,
    secrets: Mapping[str, str] | None = None,
    settings: EnrichmentSettings | None = None,
) -> Iterator[HttpProvider]:
    """The provider of a file, at this address."""
    environment = {file.settings.base_url: url, **dict.fromkeys(file.settings.auth.variables, KEY), **(secrets or {})}
    with another(db) as ledger, another(db) as jobs, another(db) as spending, another(db) as missed:
        allowance = open_allowance(file, settings or EnrichmentSettings(), spending, clock)
        limiter = RateLimiter(ledger, clock, add_windows([file], {}), budgets=[allowance.calls])
        misses = MissStore(missed, file.name, 30)
        opened = open_provider(file, environment, JobStore(jobs, file.name), allowance, limiter, clock, max_wait_s, None, misses)
        with closing(opened) as provider:
            yield provider


@contextmanager
def provider_of(app: ASGIApp, file: ProviderFile, db: Database, clock: Clock, *, max_wait_s: float = 600.0) -> Iterator[HttpProvider]:
    """The provider of a file, in front of this application on loopback."""
    with serving(app) as url, provider_at(url, file, db, clock, max_wait_s=max_wait_s) as provider:
        yield provider


def outcomes(db: Database) -> list[tuple[str, str, str]]:
    """What the ledger holds, oldest first."""
    return [(row["service"], row["action_type"], row["outcome"]) for row in db.table("rate_limit_tracking").rows_where(order_by="id")]


def values(fields: Sequence[str], found: Mapping[str, object]) -> list[object]:
    """Some of the fields."""
    return [found.get(field) for field in fields]
