"""Versions of the scoring config, what differs between two of them, and the version of the rules that the package brings."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from liendea_assets.core.settings import config_version
from liendea_assets.scoring.settings import ScoringSettings

_PACKAGE = Path(__file__).parent.parent
# Whatever has a say in scores, accounts and targets beside config and data; below the package, and without what only reads and writes.
RULE_MODULES = (
    "core/text.py",
    *(
        f"scoring/{name}.py"
        for name in (
            "account_scores", "account_settings", "accounts", "fields", "intervals", "parts", "plan", "rule_settings", "rules", "score",
            "settings", "targets", "taxonomy", "title_entries", "title_lexicon", "title_parts", "title_roles", "title_words", "titles",
        )
    ),
)  # fmt: skip
# lists whose entries have names
_NAMED = ("components", "disqualifiers", "segments")


@cache
def rules_version(package: Path = _PACKAGE) -> str:
    """Hash of what decides beside config and data: the code of `RULE_MODULES`, and the lists of words that ship.

    A release that changes none of them is no reason to score anybody again. Looked at once, so that a process tells of the code that
    it runs, and not of what was installed since.
    """
    digest = hashlib.sha256()
    words = sorted((package / "scoring" / "data").glob("*.yaml"))
    for path in (*(package / name for name in RULE_MODULES), *words):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def scoring_version(settings: ScoringSettings, rules: str) -> str:
    """What scores follow from apart from the data: the version of the config, and the first letters of the rules'."""
    return f"{config_version(settings)}.{rules[:8]}"


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The keys of icp_scoring.yaml, dotted, whose value differs; entries of lists with names are called by them.

    An entry that came or went is one key. Words of titles are told as `titles.` and their key in titles.yaml.

    Args:
        old, new: `model_dump(mode="json")` of the settings.
    """
    return _differing(_by_name(old), _by_name(new), "")


def concerned(keys: Sequence[str], of_part: Sequence[str]) -> list[str]:
    """Those of the changed keys that a part depends on."""
    return [key for key in keys if any(key == own or key.startswith(f"{own}.") for own in of_part)]


def _by_name(content: Mapping[str, Any]) -> dict[str, Any]:
    """With the lists whose entries have names as mappings; entries that share one stay a list."""
    found = dict(content)
    for key in _NAMED:
        entries: dict[str, list[Any]] = {}
        for entry in content.get(key, ()):
            entries.setdefault(entry["name"], []).append(entry)
        found[key] = {name: same[0] if len(same) == 1 else same for name, same in entries.items()}
    return found


def _differing(old: Mapping[str, Any], new: Mapping[str, Any], above: str) -> list[str]:
    found: list[str] = []
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += _differing(before, after, f"{above}{key}.")
        elif before != after:
            found.append(f"{above}{key}")
    return found
