"""What most tests need: a home of their own, a real database in it, a clock that moves when it is told to."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from liendea_assets.cli.init import make_home
from liendea_assets.core.clock import Uptime
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.imports.settings import ImportSettings

# a busy machine is no failure of a property
settings.register_profile("liendea", deadline=None)
settings.load_profile("liendea")


class VirtualClock:
    """Starts on a fixed day; sleeping moves it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
        self.slept: list[float] = []
        self._boot = 1
        self._booted_at = self.moment - timedelta(days=3)

    def now(self) -> datetime:
        return self.moment

    def uptime(self) -> Uptime:
        return Uptime(f"boot {self._boot}", (self.moment - self._booted_at).total_seconds())

    def set_wall(self, seconds: float) -> None:
        """Puts the clock on the wall forward, or back; no time passes."""
        self.moment += timedelta(seconds=seconds)
        self._booted_at += timedelta(seconds=seconds)

    def reboot(self) -> None:
        """Starts the machine anew; no time passes."""
        self._boot += 1
        self._booted_at = self.moment

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def made_home(folder: Path, monkeypatch: pytest.MonkeyPatch, *, with_sample: bool) -> Home:
    """A home; what is in the folder already stays. No variable of the machine's own environment reaches it."""
    linkedin = [f"LINKEDIN_{name}" for name in ("CLIENT_ID", "CLIENT_SECRET", "SCOPE", "AUTH_URL", "API_URL")]
    others = [f"{name}_{what}" for name in ("PEOPLEDATALABS", "APOLLO", "HUNTER") for what in ("BASE_URL", "API_KEY")]
    sandbox = [f"SANDBOX_{name}" for name in ("FAULTS", "LATENCY", "SEED")]
    for name in ("REACH_BASE_URL", "REACH_API_TOKEN", "LIENDEA_SANDBOX", "SMTP_HOST", "DAGSTER_HOME", *linkedin, *others, *sandbox):
        monkeypatch.delenv(name, raising=False)
    made = Home(folder)
    list(make_home(made, with_sample=with_sample))
    monkeypatch.setenv("LIENDEA_HOME", str(made.root))
    return made


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home with the default config."""
    return made_home(tmp_path / "home", monkeypatch, with_sample=False)


@pytest.fixture
def sample_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with the invented sample and the sandbox as Reach."""
    return made_home(tmp_path / "sample", monkeypatch, with_sample=True)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once for all tests of a process, which costs twenty times as much as a copy."""
    path = tmp_path_factory.mktemp("migrated") / "test.db"
    open_migrated(path).conn.close()
    return path


@pytest.fixture
def db(tmp_path: Path, migrated_file: Path) -> Iterator[Database]:
    """A real SQLite file with the schema of this version."""
    database = open_migrated(Path(shutil.copy(migrated_file, tmp_path / "test.db")))
    yield database
    database.conn.close()


@pytest.fixture(scope="session")
def import_settings() -> ImportSettings:
    """The shipped imports.yaml."""
    return load_settings(ImportSettings, Home(Path("/nowhere")), "imports.yaml")
