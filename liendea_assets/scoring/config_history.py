"""Versions of `icp_scoring.yaml`: a candidate in the place of the file, the former ones in config/history, and finding one again."""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home, default_config
from liendea_assets.core.settings import config_version
from liendea_assets.db.connection import Database, to_records
from liendea_assets.scoring import preview_store, store
from liendea_assets.scoring.load import NAME, load_scoring_settings
from liendea_assets.scoring.settings import ScoringSettings

HISTORY = "history"
_KEPT = re.compile(r"^icp_scoring-(\d{4}-\d{2}-\d{2})-([0-9a-f]{16})(?:-\d+)?\.yaml$")
# of a hash, as with Git
_LEAST_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a candidate did.

    Attributes:
        former_version: of the config that was in force. kept: where its file is now.
    """

    former_version: str
    version: str
    kept: Path


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file in config/history; `kept_on` is the day on which another one came in its place."""

    version: str
    kept_on: date
    path: Path


def apply_config(home: Home, candidate: Path, now: datetime) -> Applied:
    """Puts the candidate's content in the place of config/icp_scoring.yaml, whole or not at all; the former file goes to config/history.

    Raises:
        SettingsError: the candidate is not right, or says the same as the file; nothing was changed.
    """
    version = config_version(load_scoring_settings(home, candidate))
    path = home.config / NAME
    former = path if path.is_file() else default_config() / NAME
    former_content = former.read_bytes()
    former_version = _version_of(home, former, former_content)
    if version == former_version:
        raise SettingsError(f"{candidate}: says the same as {path} (version {version}); nothing to apply")
    kept = _keep(home.config / HISTORY, former_content, former_version, now.date())
    home.config.mkdir(parents=True, exist_ok=True)
    _write_whole(path, candidate.read_bytes())
    return Applied(former_version, version, kept)


def kept_files(home: Home) -> list[KeptFile]:
    """The files of config/history, the newest first."""
    folder = home.config / HISTORY
    found = [(match, path) for path in folder.glob("*.yaml") if (match := _KEPT.match(path.name))] if folder.is_dir() else []
    files = [KeptFile(match.group(2), date.fromisoformat(match.group(1)), path) for match, path in found]
    return sorted(files, key=lambda file: (file.kept_on, file.path.name), reverse=True)


def list_versions(home: Home, db: Database | None) -> pd.DataFrame:
    """`version`, `is_in_force`, `first_used_at`, `last_scored_at`, `kept_on`, `file`, `is_known` (whether it can be scored again).

    The newest first; a version of which the database has no run was never used, or was used in another home.
    """
    used = preview_store.read_versions(db) if db is not None else pd.DataFrame()
    rows: dict[str, dict[str, object]] = {row["version"]: row for row in to_records(used)}
    current = config_version(load_scoring_settings(home))
    for file in kept_files(home):
        row = rows.setdefault(file.version, {"version": file.version})
        row.setdefault("kept_on", file.kept_on.isoformat())
        row.setdefault("file", file.path.name)
        row["is_known"] = True
    rows.setdefault(current, {"version": current})["is_known"] = True
    columns = ["version", "is_in_force", "first_used_at", "last_scored_at", "kept_on", "file", "is_known"]
    table = pd.DataFrame(list(rows.values()), columns=columns)
    table["is_in_force"], table["is_known"] = table["version"] == current, table["is_known"].eq(other=True)
    order = table["last_scored_at"].astype(object).fillna(table["kept_on"].astype(object)).fillna("")
    return table.iloc[order.argsort(kind="stable")[::-1]].reset_index(drop=True)


def load_version(home: Home, db: Database, version: str) -> ScoringSettings:
    """An earlier version, with the words of titles that were in force then where the database kept them.

    Args:
        version: the hash, or its first letters.

    Raises:
        SettingsError: there is none, there are several, or this version of LIENDEA cannot read it.
    """
    table = list_versions(home, db)
    found = table[table["version"].str.startswith(version)] if len(version) >= _LEAST_LETTERS else table.iloc[:0]
    if len(found) != 1:
        which = f"{len(found)} versions begin with it" if len(found) else "there is no such version"
        raise SettingsError(f"version {version!r}: {which}; known: {', '.join(table['version'])}")
    whole = str(found.iloc[0]["version"])
    content = store.read_config(db, whole)
    if content is not None:
        try:
            return ScoringSettings.model_validate_json(json.dumps(content))
        except ValidationError:
            raise SettingsError(f"version {whole}: its keys are not those of this version of LIENDEA; see config/{HISTORY}") from None
    for file in kept_files(home):
        if file.version == whole:
            return load_scoring_settings(home, file.path)
    if found.iloc[0]["is_in_force"]:
        return load_scoring_settings(home)
    raise SettingsError(f"version {whole}: it was used before versions were kept; only its hash is known")


def _version_of(home: Home, path: Path, content: bytes) -> str:
    try:
        return config_version(load_scoring_settings(home, path))
    except SettingsError:
        # a file that is not right is replaced by one that is, and kept like any other
        return hashlib.sha256(content).hexdigest()[:16]


def _keep(folder: Path, content: bytes, version: str, day: date) -> Path:
    """Of files that say the same the one is kept that is there; one with other comments gets a number."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"icp_scoring-{day.isoformat()}-{version}"
    path, number = folder / f"{stem}.yaml", 2
    while path.exists():
        if path.read_bytes() == content:
            return path
        path, number = folder / f"{stem}-{number}.yaml", number + 1
    _write_whole(path, content)
    return path


def _write_whole(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        draft.chmod(path.stat().st_mode & 0o777)
    os.replace(draft, path)
