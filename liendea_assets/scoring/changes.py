"""Why scores changed: for each part whose points differ, whether the data or the config made it so, and which of them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import ValidationError

from liendea_assets.scoring.plan import keys_of_part
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.versions import changed_keys, concerned

Integers = npt.NDArray[np.int64]
Content = dict[str, Any]
OTHER_RULES = "the rules of this version of LIENDEA"


@dataclass(frozen=True, slots=True)
class ConfigDifference:
    """What is different between two scorings, apart from the data.

    Attributes:
        keys: dotted keys of icp_scoring.yaml that differ; None where the former config was not kept.
        has_other_rules: whether the package's own rules differ.
        keys_of: part → the keys that it depends on.
    """

    keys: Sequence[str] | None
    has_other_rules: bool
    keys_of: Callable[[str], Sequence[str]]

    @classmethod
    def between(cls, old: dict[str, Any] | None, new: ScoringSettings, *, has_other_rules: bool = False) -> "ConfigDifference":
        """`old` as kept in icp_scoring_configs; None where it was not kept."""
        keys = changed_keys(old, new.model_dump(mode="json")) if old is not None else None
        former = _settings(old)

        def keys_of(part: str) -> Sequence[str]:
            return tuple(dict.fromkeys([*keys_of_part(part, new), *(keys_of_part(part, former) if former else ())]))

        return cls(keys, has_other_rules, keys_of)

    def of_part(self, part: str) -> list[str]:
        """What of the config made this part another one."""
        found = list(self.keys_of(part)) if self.keys is None else concerned(self.keys, self.keys_of(part))
        return found or ([OTHER_RULES] if self.has_other_rules else [])


def explain_changes(old: pd.DataFrame, new: pd.DataFrame, difference: ConfigDifference) -> pd.DataFrame:
    """`contact_id`, `old`, `new`, `cause` (data, config, both) and `detail` (JSON) of each contact whose score differs.

    Args:
        old, new: `contact_id`, `icp_score`, `parts` (JSON), as `score.score_contacts` gives them.
    """
    joined = old[["contact_id", "icp_score", "parts"]].merge(
        new[["contact_id", "icp_score", "parts"]], on="contact_id", suffixes=("_old", "_new")
    )
    differ = joined[joined["icp_score_old"] != joined["icp_score_new"]].reset_index(drop=True)
    numbers: dict[str, int] = {}
    contents: list[Content] = []
    sides = []
    for name in ("parts_old", "parts_new"):
        ids = [[_number(content, numbers, contents) for content in json.loads(parts)] for parts in differ[name]]
        counts = [len(row) for row in ids]
        sides.append((np.repeat(np.arange(len(ids)), counts), np.array([one for row in ids for one in row], dtype=np.int64)))
    causes, details = explain_rows(len(differ), sides[0], sides[1], contents, difference)
    return pd.DataFrame(
        {
            "contact_id": differ["contact_id"],
            "old": differ["icp_score_old"],
            "new": differ["icp_score_new"],
            "cause": causes,
            "detail": details,
        }
    )


def explain_rows(
    count: int, old: tuple[Integers, Integers], new: tuple[Integers, Integers], contents: Sequence[Content], difference: ConfigDifference
) -> tuple[list[str], list[str]]:
    """Causes and details of `count` rows.

    Args:
        old, new: (row, part) pairs; a part is a position in `contents`.
    """
    names, name_of = np.unique(np.array([content["name"] for content in contents] or [""], dtype=object), return_inverse=True)
    order = list(dict.fromkeys(name_of[new[1]].tolist() + name_of[old[1]].tolist())) if len(contents) else []
    # rows whose parts changed alike bear one number, and are put in words once
    alike = np.zeros(count, dtype=np.int64)
    told: list[tuple[tuple[str, ...], int]] = [((), 0)]
    for name in order:
        before, after = (_aligned(side, name_of, name, count) for side in (old, new))
        if (before == after).all():
            continue
        pairs, distinct = pd.factorize((before + 1) * (len(contents) + 1) + after + 1)
        keys = difference.of_part(str(names[name]))
        sides = [divmod(pair, len(contents) + 1) for pair in distinct.tolist()]
        pieces = [_piece(contents[left - 1] if left else None, contents[right - 1] if right else None, keys) for left, right in sides]
        alike, combined = pd.factorize(alike * max(len(pieces), 1) + pairs)
        told = [_joined(told[combination // len(pieces)], pieces[combination % len(pieces)]) for combination in combined.tolist()]
    named = ["config" if difference.keys is None or difference.keys else "data", "data", "config", "both"]
    causes, details = [named[verdict] for _, verdict in told], ["[" + ", ".join(texts) + "]" for texts, _ in told]
    return [causes[place] for place in alike.tolist()], [details[place] for place in alike.tolist()]


def _joined(told: tuple[tuple[str, ...], int], piece: tuple[str, int] | None) -> tuple[tuple[str, ...], int]:
    return told if piece is None else ((*told[0], piece[0]), told[1] | piece[1])


def describe(detail: str) -> list[str]:
    """A change's detail in plain words, one sentence a part."""
    sentences = []
    for piece in json.loads(detail):
        sentence = f"{piece['label']} {piece['old']:+d} → {piece['new']:+d}"
        if "data" in piece["cause"]:
            sentence += f": {piece['field'] or 'value'} was {_shown(piece['old_value'])}, is {_shown(piece['new_value'])}"
        if "config" in piece["cause"]:
            sentence += f": {_by_config(piece['keys'])}"
        if not piece["cause"]:
            sentence += ": follows from the others"
        sentences.append(sentence)
    return sentences


def _by_config(keys: Sequence[str]) -> str:
    """Which file says otherwise, and at which keys; a new release changes neither."""
    of_titles = [key.removeprefix("titles.") for key in keys if key.startswith("titles.")]
    others = [key for key in keys if key != OTHER_RULES and not key.startswith("titles.")]
    told = [f"changed in {name}: {', '.join(some)}" for name, some in (("icp_scoring.yaml", others), ("titles.yaml", of_titles)) if some]
    return "; ".join([*told, *([OTHER_RULES] if OTHER_RULES in keys else [])])


def _piece(old: Content | None, new: Content | None, keys: Sequence[str]) -> tuple[str, int] | None:
    """The change of one part as JSON, with the causes as bits; None where its points are the same."""
    known = new or old
    if known is None or (old or {}).get("points", 0) == (new or {}).get("points", 0):
        return None
    values = [(side or {}).get("value") for side in (old, new)]
    has_field = bool(known.get("field"))
    is_other_value = values[0] != values[1] and (known["name"] == "disqualified" or (has_field and old is not None and new is not None))
    # a cap's points follow from the others' unless its own keys changed; a component's other keys are not its cap's
    own_keys = [key for key in keys if ".cap" in key] if known["name"].endswith(".cap") else list(keys)
    causes = ["data"] if is_other_value and not (known["name"] == "disqualified" and own_keys) else []
    if own_keys and known["name"] not in ("ceiling", "floor"):
        causes.append("config")
    told = {
        "part": known["name"],
        "label": known.get("label", known["name"]),
        "field": known.get("field"),
        "old": (old or {}).get("points", 0),
    }
    told |= {"new": (new or {}).get("points", 0), "old_value": values[0], "new_value": values[1], "cause": causes}
    told["keys"] = own_keys if "config" in causes else []
    return json.dumps(told, ensure_ascii=False), ("data" in causes) + 2 * ("config" in causes)


def _aligned(side: tuple[Integers, Integers], name_of: Integers, name: int, count: int) -> Integers:
    """Per row its part of this name, -1 where it has none."""
    rows, ids = side
    is_named = name_of[ids] == name if len(ids) else np.zeros(0, dtype=bool)
    found = np.full(count, -1, dtype=np.int64)
    found[rows[is_named]] = ids[is_named]
    return found


def _number(content: Content, numbers: dict[str, int], contents: list[Content]) -> int:
    # where a value came from changes no score
    content = {name: value for name, value in content.items() if name != "source"}
    text = json.dumps(content, sort_keys=True)
    if text not in numbers:
        numbers[text] = len(contents)
        contents.append(content)
    return numbers[text]


def _settings(content: dict[str, Any] | None) -> ScoringSettings | None:
    """None also where this release no longer takes what a former one took: the keys of the new config have to do then."""
    try:
        return ScoringSettings.model_validate_json(json.dumps(content)) if content is not None else None
    except ValidationError:
        return None


def _shown(value: object) -> str:
    return "unknown" if value is None else str(value)
