"""Suggested weights as a config file to look at: in config/candidates, where nothing reads it by itself."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from liendea_assets.core.home import Home, default_config
from liendea_assets.scoring.load import NAME, load_scoring_settings
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.weight_fit import largest_points

FOLDER = "candidates"


def list_candidates(home: Home) -> list[Path]:
    """The files that wait to be looked at, in the order of their names."""
    return sorted(path for path in (home.config / FOLDER).glob("*.yaml") if path.is_file() and not path.name.startswith("."))


def write_candidate(home: Home, settings: ScoringSettings, suggested: Mapping[str, int], basis: str) -> Path | None:
    """Writes icp_scoring.yaml with the suggested weights. Returns the file; None where they are those in force.

    The same suggestion has the same file, and is written once.

    Args:
        suggested: component → the most points that it should give. basis: what the suggestion rests on, for the head of the file.

    Raises:
        SettingsError: the file would not be right.
    """
    most = largest_points(settings)
    factors = {name: points / most[name] for name, points in suggested.items() if points != most[name]}
    if not factors:
        return None
    own = home.config / NAME
    content = yaml.safe_load((own if own.is_file() else default_config() / NAME).read_text(encoding="utf-8")) or {}
    content["weights"] = _scaled(settings.weights.model_dump(mode="json"), factors)
    for component in content.get("components") or ():
        if component["name"] in factors:
            component["weight"] = round(component.get("weight", 1.0) * factors[component["name"]], 3)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:8]
    path = home.config / FOLDER / f"backtest_{digest}.yaml"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        draft.write_text(_head(suggested, most, basis, path) + yaml.safe_dump(content, sort_keys=False, allow_unicode=True), "utf-8")
        load_scoring_settings(home, draft)
        os.replace(draft, path)
    return path


def _scaled(weights: dict[str, Any], factors: Mapping[str, float]) -> dict[str, Any]:
    """The points of each part of the plan times its factor, halves rounded up."""
    found = dict(weights)
    for name, factor in factors.items():
        if name not in weights:
            continue
        given = weights[name]
        if name == "growth":
            found[name] = [{**line, "points": _rounded(line["points"] * factor)} for line in given]
        elif isinstance(given, dict):
            found[name] = {key: _rounded(points * factor) for key, points in given.items()}
        else:
            found[name] = _rounded(given * factor)
    return found


def _rounded(points: float) -> int:
    return int(round(points, 6) + 0.5)


def _head(suggested: Mapping[str, int], most: Mapping[str, int], basis: str, path: Path) -> str:
    changes = [f"#   {name}: at most {most[name]} points, suggested {points}" for name, points in suggested.items()]
    return "\n".join(
        [
            "# A suggestion of the back-test, not in force. Nothing reads this file by itself; comments of icp_scoring.yaml are not in it.",
            f"# It rests on {basis}.",
            *changes,
            f"# To see what it would do to each contact: liendea preview-scoring {path.parent.parent.name}/{FOLDER}/{path.name}",
            "",
            "",
        ]
    )
