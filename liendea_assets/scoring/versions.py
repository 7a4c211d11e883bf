"""Versions of the scoring config, what differs between two of them, and the version of the rules that the package brings."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from liendea_assets import __version__

_DATA = Path(__file__).parent / "data"
# lists whose entries have names
_NAMED = ("components", "disqualifiers", "segments")


def rules_version() -> str:
    """Hash of what decides beside the config: the package's version and its data files (industries, titles)."""
    digest = hashlib.sha256(__version__.encode())
    for path in sorted(_DATA.iterdir()):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The keys of icp_scoring.yaml, dotted, whose value differs; entries of lists with names are called by them.

    Args:
        old, new: `model_dump(mode="json")` of the settings.
    """
    before, after = _flat(old), _flat(new)
    keys = [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
    # an entry that came or went is one change, not one for each of its keys
    entries = [{f"{name}.{entry['name']}" for name in _NAMED for entry in content.get(name, ())} for content in (old, new)]
    whole = entries[0] ^ entries[1]
    return list(dict.fromkeys(next((entry for entry in whole if key.startswith(f"{entry}.")), key) for key in keys))


def concerned(keys: Sequence[str], of_part: Sequence[str]) -> list[str]:
    """Those of the changed keys that a part depends on."""
    return [key for key in keys if any(key == own or key.startswith(f"{own}.") for own in of_part)]


def _flat(content: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in content.items():
        name = f"{above}{key}"
        if not above and key in _NAMED:
            within: Any = {entry["name"]: entry for entry in value}
        else:
            within = value
        if isinstance(within, Mapping) and (within or key in _NAMED):
            found |= _flat(within, f"{name}.")
        else:
            found[name] = within
    return found
