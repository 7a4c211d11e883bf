"""Versions of `icp_scoring.yaml` and `titles.yaml`: candidates in their place, the former ones in config/history, and finding one again."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
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
from liendea_assets.scoring.title_words import HOME_FILE

HISTORY = "history"
_KEPT = re.compile(r"^(icp_scoring|titles)-(\d{4}-\d{2}-\d{2})-([0-9a-f]{16})(?:-\d+)?\.yaml$")
# of a hash, as with Git
_LEAST_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a candidate did.

    Attributes:
        former_version: of the config that was in force. kept: where its files are now, of those that were swapped.
    """

    former_version: str
    version: str
    kept: list[Path]


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file in config/history; `name` is what it was called, `kept_on` the day on which another one came in its place."""

    name: str
    version: str
    kept_on: date
    path: Path


def apply_config(home: Home, candidate: Path | None, now: datetime, titles: Path | None = None) -> Applied:
    """Puts the content of candidates in the place of icp_scoring.yaml and titles.yaml; the former files go to config/history.

    Each file is swapped whole or not at all.

    Raises:
        SettingsError: a candidate is not right, or says the same as what is there; nothing was changed.
    """
    version = config_version(load_scoring_settings(home, candidate, titles))
    swapped = [(name, file) for name, file in ((HOME_FILE, titles), (NAME, candidate)) if file is not None]
    former = {name: _in_force(home, name).read_bytes() for name, _ in swapped}
    former_version = _former_version(home, former)
    if version == former_version:
        told = " and ".join(str(file) for _, file in swapped)
        raise SettingsError(f"{told}: says the same as what is in config (version {version}); nothing to apply")
    kept = [_keep(home.config / HISTORY, name, former[name], former_version, now.date()) for name, _ in swapped]
    home.config.mkdir(parents=True, exist_ok=True)
    contents = {name: file.read_bytes() for name, file in swapped}
    for name, content in contents.items():
        _write_whole(home.config / name, content)
    return Applied(former_version, version, kept)


def kept_files(home: Home) -> list[KeptFile]:
    """The files of config/history, the newest first."""
    folder = home.config / HISTORY
    found = [(match, path) for path in folder.glob("*.yaml") if (match := _KEPT.match(path.name))] if folder.is_dir() else []
    files = [KeptFile(f"{match.group(1)}.yaml", match.group(3), date.fromisoformat(match.group(2)), path) for match, path in found]
    return sorted(files, key=lambda file: (file.kept_on, file.path.name), reverse=True)


def kept_content(home: Home, version: str) -> str | None:
    """What icp_scoring.yaml said, comments and all, where a kept file gives this version with the words of titles in force; else None."""
    for file in kept_files(home):
        if file.name == NAME and file.version == version:
            try:
                settings = load_scoring_settings(home, file.path)
            except SettingsError:
                continue
            if config_version(settings) == version:
                return file.path.read_text(encoding="utf-8")
    return None


def list_versions(home: Home, db: Database | None) -> pd.DataFrame:
    """`version`, `is_in_force`, `first_used_at`, `last_scored_at`, `kept_on`, `file`, `is_known` (whether it can be scored again).

    `file` names what is kept in config/history. The newest first; a version of which the database has no run was never used, or was used
    in another home.
    """
    used = preview_store.read_versions(db) if db is not None else pd.DataFrame()
    rows: dict[str, dict[str, object]] = {row["version"]: row for row in to_records(used)}
    current = config_version(load_scoring_settings(home))
    kept = kept_files(home)
    for version in dict.fromkeys(file.version for file in kept):
        own = [file for file in kept if file.version == version]
        # of several that say the same the newest
        newest = {file.name: file.path.name for file in reversed(own)}
        row = rows.setdefault(version, {"version": version})
        row |= {"kept_on": own[0].kept_on.isoformat(), "file": ", ".join(newest.values()), "is_known": True}
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
    if found.iloc[0]["is_in_force"]:
        return load_scoring_settings(home)
    return _from_files(home, whole)


def _from_files(home: Home, version: str) -> ScoringSettings:
    """Of the files that were kept, those that say together what the version said; what was not swapped with it may be another one since."""
    kept = kept_files(home)
    if all(file.version != version for file in kept):
        raise SettingsError(f"version {version}: it was used before versions were kept; only its hash is known")
    own, words = (_candidates([file for file in kept if file.name == name], version) for name in (NAME, HOME_FILE))
    for candidate, titles in product(own, words):
        try:
            settings = load_scoring_settings(home, candidate, titles)
        except SettingsError:
            # one that was not right was kept, too
            continue
        if config_version(settings) == version:
            return settings
    raise SettingsError(f"version {version}: not all that it said was kept; its file is in config/{HISTORY}, to be previewed by its name")


def _candidates(kept: list[KeptFile], version: str) -> list[Path | None]:
    """The version's own files; without any the one in force (None), then all others."""
    return [file.path for file in kept if file.version == version] or [None, *(file.path for file in kept)]


def _in_force(home: Home, name: str) -> Path:
    path = home.config / name
    return path if path.is_file() else default_config() / name


def _former_version(home: Home, contents: Mapping[str, bytes]) -> str:
    try:
        return config_version(load_scoring_settings(home))
    except SettingsError:
        # a file that is not right is replaced by one that is, and kept like any other
        return hashlib.sha256(b"".join(contents.values())).hexdigest()[:16]


def _keep(folder: Path, name: str, content: bytes, version: str, day: date) -> Path:
    """Of files that say the same the one is kept that is there; one with other comments gets a number."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name.removesuffix('.yaml')}-{day.isoformat()}-{version}"
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
