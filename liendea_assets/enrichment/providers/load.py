"""`config/providers/*.yaml` of a home, and providers made of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from liendea_assets.clients.call_budget import CallBudget
from liendea_assets.clients.pacing import Pacing
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.settings import STAND_IN, Windows
from liendea_assets.clients.windows import people_of
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home, default_config
from liendea_assets.core.settings import load_file
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.providers.calls import ProviderCalls, TellWait
from liendea_assets.enrichment.providers.http_provider import HttpProvider, Misses
from liendea_assets.enrichment.providers.jobs import Jobs
from liendea_assets.enrichment.providers.limit_settings import Limits
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets.enrichment.settings import BudgetSettings, EnrichmentSettings
from liendea_assets.enrichment.spending import Allowance, Purse

FOLDER = "providers"
# answers of these sources come from elsewhere
_RESERVED = frozenset({"manual", "gtm", "linkedin"})


@dataclass(frozen=True, slots=True)
class ProviderFile:
    """A provider's file; its name is the provider's.

    Attributes:
        is_stand_in: whether the sandbox answers in its place, which costs nothing, and whose calls are not the provider's.
    """

    name: str
    path: Path
    settings: ProviderSettings
    is_stand_in: bool = False

    @property
    def payer(self) -> str:
        """For whom its calls and credits count."""
        return f"{self.name}{STAND_IN}" if self.is_stand_in else self.name

    @property
    def limits(self) -> list[Limits]:
        """Those of the provider, and of operations that have their own."""
        return [self.settings.limits, *(operation.limits for operation in self.settings.operations if operation.limits)]


def find_provider_files(home: Home) -> dict[str, Path]:
    """Name → file, by name; a shipped file counts where the home has none of that name."""
    folders = (default_config() / FOLDER, home.config / FOLDER)
    found = {path.stem: path for folder in folders for path in sorted(folder.glob("*.y*ml"))}
    return dict(sorted(found.items()))


def read_provider_file(home: Home, name: str) -> ProviderFile:
    """The file of one provider.

    Raises:
        SettingsError: there is none of that name, or it is not right.
    """
    paths = find_provider_files(home)
    if name not in paths:
        raise SettingsError(f"there is no provider {name}; there is {', '.join(paths)} ({home.config / FOLDER})")
    if name in _RESERVED or not name.replace("_", "").replace("-", "").isalnum() or not name.islower():
        raise SettingsError(f"{paths[name]}:1: a provider is named with small letters, digits, - and _; not {', '.join(sorted(_RESERVED))}")
    return ProviderFile(name, paths[name], load_file(ProviderSettings, paths[name]))


def read_provider_files(home: Home, first: Sequence[str] = ()) -> list[ProviderFile]:
    """All files, those named first before the others.

    Raises:
        SettingsError: with the problems of all files.
    """
    files, problems = [], []
    names = find_provider_files(home)
    for name in (*(name for name in first if name in names), *(name for name in names if name not in first)):
        try:
            files.append(read_provider_file(home, name))
        except SettingsError as problem:
            problems.append(str(problem))
    if problems:
        raise SettingsError("\n".join(problems))
    return files


def read_acceptance(home: Home) -> dict[str, float]:
    """Source → the confidence from which on its answers are used, where its file says one."""
    return {file.name: file.settings.accept_confidence for file in read_provider_files(home) if file.settings.accept_confidence is not None}


def add_windows(files: Iterable[ProviderFile], known: Windows) -> Windows:
    """The windows of every key: those of rate_limits.yaml, and of each file that names the key.

    Raises:
        SettingsError: a key without any window, or one of which some files count people and others do not.
    """
    windows = {key: set(pairs) for key, pairs in known.items()}
    of_files = [(file, limits) for file in files for limits in file.limits]
    counting = {limits.key for _, limits in of_files if any(window.entities for window in limits.windows)}
    for file, limits in of_files:
        if limits.key in counting and not any(window.entities for window in limits.windows):
            raise SettingsError(f"{file.path}: limits: another file counts people under the key {limits.key}; give its windows here too")
    for file in files:
        for limits in file.limits:
            requests = {(window.seconds, window.requests) for window in limits.windows if window.requests}
            entities = {(window.seconds, window.entities) for window in limits.windows if window.entities}
            windows.setdefault(limits.key, set()).update(requests)
            if entities:
                windows.setdefault(people_of(limits.key), set()).update(entities)
            if not windows[limits.key] and not entities:
                raise SettingsError(f"{file.path}: limits: no windows for the key {limits.key}, and rate_limits.yaml has none either")
    return {key: tuple(sorted(pairs)) for key, pairs in windows.items()}


def as_stand_in(file: ProviderFile) -> ProviderFile:
    """The same with limits of its own: what a sandbox does in a provider's place must not be held against the provider."""

    def own(limits: Limits) -> Limits:
        return limits.model_copy(update={"key": f"{limits.key}{STAND_IN}"})

    operations = tuple(one.model_copy(update={"limits": own(one.limits)}) if one.limits else one for one in file.settings.operations)
    settings = file.settings.model_copy(update={"limits": own(file.settings.limits), "operations": operations})
    return replace(file, settings=settings, is_stand_in=True)


def add_pacing(files: Iterable[ProviderFile], known: Mapping[str, Pacing]) -> dict[str, Pacing]:
    """How the calls under every key are spread out: as rate_limits.yaml says, or a file that names the key.

    Raises:
        SettingsError: two of them say different things of one key.
    """
    pacing = dict(known)
    for file in files:
        for limits in file.limits:
            if limits.pacing is not None:
                wanted = Pacing(**limits.pacing.model_dump())
                if pacing.setdefault(limits.key, wanted) != wanted:
                    raise SettingsError(
                        f"{file.path}: limits: another pacing for the key {limits.key} stands elsewhere; say it in one place"
                    )
    return pacing


def budgets_of_nobody(home: Home, files: Iterable[ProviderFile], settings: EnrichmentSettings) -> list[str]:
    """The problems of budgets under a wrong name, which would stop nothing.

    Args:
        files: all that there are.
    """
    names = {file.name for file in files}
    allowed = ", ".join(sorted(names))
    path = home.config / "enrichment.yaml"
    return [f"{path}: budgets.{name}: found {name}; allowed: {allowed}" for name in sorted(set(settings.budgets) - names)]


def open_allowance(file: ProviderFile, settings: EnrichmentSettings, db: Database, clock: Clock) -> Allowance:
    """What may be spent on a provider; there is no bound to what a stand-in may cost, and one run may ask it about everybody.

    Args:
        db: opened durable; nobody else's.
    """
    nothing = BudgetSettings()
    budget = nothing if file.is_stand_in else settings.budgets.get(file.name, nothing)
    return Allowance(
        Purse(db, file.payer, clock, budget.credits_per_day, budget.credits_per_month),
        CallBudget(file.payer, budget.calls_per_day, budget.calls_per_month),
        None if file.is_stand_in else settings.contacts_per_run,
    )


def open_provider(
    file: ProviderFile,
    environment: Mapping[str, str],
    jobs: Jobs,
    allowance: Allowance,
    limiter: RateLimiter,
    clock: Clock,
    max_wait_s: float,
    tell_wait: TellWait | None = None,
    misses: Misses | None = None,
) -> HttpProvider:
    """The provider that a file describes; close it in the end.

    Args:
        environment: the variables that the file names, the address among them.
        misses: None where nobody is asked about again.

    Raises:
        SettingsError: a secret is missing, or the address cannot be used.
    """
    variables = file.settings.auth.variables
    missing = [variable for variable in variables if not environment.get(variable)]
    if missing:
        raise SettingsError(
            f"{file.settings.base_url} is set and {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not; "
            f"set {'both' if len(variables) == 1 else 'all'} in .env, or {'neither' if len(variables) == 1 else 'none'}"
        )
    calls = ProviderCalls(
        file.name,
        file.payer,
        file.settings,
        environment[file.settings.base_url].rstrip("/"),
        environment,
        limiter,
        clock,
        max_wait_s,
        tell_wait,
    )
    return HttpProvider(file.name, file.settings, calls, jobs, allowance, clock, misses)
