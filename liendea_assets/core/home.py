"""The home: the folder that holds `config/` and `data/` of one installation."""

import os
from dataclasses import dataclass
from pathlib import Path

from liendea_assets.core.environment import environment
from liendea_assets.core.errors import SettingsError

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below a home. Everything that a run reads or writes is one of these."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def inbox(self) -> Path:
        return self.data / "inbox"

    @property
    def archive(self) -> Path:
        return self.data / "archive"

    @property
    def quarantine(self) -> Path:
        return self.data / "quarantine"

    @property
    def reports(self) -> Path:
        return self.data / "reports"

    @property
    def exports(self) -> Path:
        return self.data / "exports"

    @property
    def dagster(self) -> Path:
        return self.data / "dagster"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def below(self, path: str) -> Path:
        """A path of a config file, from the home on.

        Raises:
            SettingsError: it leads out of the home, and two homes must never mix.
        """
        found = (self.root / Path(path).expanduser()).resolve()
        if not found.is_relative_to(self.root.resolve()):
            raise SettingsError(f"the path {path!r} leads out of the home; allowed: a path below {self.root}")
        return found

    def make_private_folder(self, folder: Path) -> Path:
        """Creates a folder that only its owner can read; it will hold personal data."""
        folder.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            folder.chmod(0o700)
        return folder


def find_home(given: Path | None = None) -> Home:
    """The home that was given, else `LIENDEA_HOME`, else the project's root (or the current folder)."""
    if given is not None:
        return Home(given.expanduser().resolve())
    named = environment("LIENDEA_HOME")
    if named:
        return Home(Path(named).expanduser().resolve())
    checkout = _PACKAGE.parent
    return Home(checkout if (checkout / "pyproject.toml").is_file() else Path.cwd())


def default_config() -> Path:
    """The folder of the commented default config: in a wheel inside the package, in a checkout `config/`."""
    packaged = _PACKAGE / "defaults" / "config"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "config"


def default_env_file() -> Path:
    """The template of a home's `.env`."""
    packaged = _PACKAGE / "defaults" / "env.example"
    return packaged if packaged.is_file() else _PACKAGE.parent / ".env.example"
