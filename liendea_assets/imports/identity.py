"""Which rows are one person. Pure and columnar: keys in, a label per row out; the order of rows does not matter."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liendea_assets.imports.grouping import Ints, combine, connected, distinct_pairs, with_several

# pairs of row positions
Pairs = Sequence[tuple[int, int]]

ONLY_ROW = "only row"
DECIDED = "decided by a human"


@dataclass(frozen=True, slots=True)
class _Pass:
    """One reason to join rows.

    Attributes:
        keys: rows that share all of these are one person, unless something contradicts.
        has_vetoes: two profiles or two Reach ids are two people.
        addresses_veto: two addresses at one employer, and none in common, are two people as well.
    """

    reason: str
    keys: tuple[str, ...]
    has_vetoes: bool = True
    addresses_veto: bool = True


_PASSES = (
    _Pass("same LinkedIn profile", ("slug",), has_vetoes=False),
    _Pass("same Reach id", ("reach_id",)),
    # what was corrected may be the address
    _Pass("same place in a corrected file, and same name", ("place", "name"), addresses_veto=False),
    _Pass("same e-mail and name", ("email", "name")),
    _Pass("same e-mail, initial and last name", ("email", "short_name")),
    _Pass("same name and company", ("name", "company")),
)


_KEYS = tuple(dict.fromkeys(["email_domain", *(name for step in _PASSES for name in step.keys)]))


def person_labels(keys: pd.DataFrame, same: Pairs = (), different: Pairs = ()) -> pd.DataFrame:
    """Which rows are one person.

    Strong keys come first: the profile's slug, the Reach id, the work e-mail (of a person, not of a desk, and with a name that agrees).
    Then name and company. All rows of a block are joined or none: a row that could be either of two people joins neither. Keys that
    contradict each other are never joined for a weaker reason. A name alone joins nobody: two people called alike are worse as one
    than one person as two. A human's word wins over all of that: what is said to be two is never joined, and what is said to be one is
    joined in the end, each side whole as it was found, so that undoing it leaves both as they were.

    Args:
        keys: `row_keys.KEY_COLUMNS` and `company` (int64, 0 where unknown).
        same: pairs of positions that a human says are one person.
        different: pairs that a human says are two; they win over everything.

    Returns:
        Same index; `label` (int64, equal for rows of one person: the position of the first of them) and `evidence`.
    """
    people = _People(keys, different)
    for step in _PASSES:
        people.join(step)
    people.join_pairs(same)
    reasons = pd.Categorical.from_codes(people.reason.astype(np.int64), pd.Index([ONLY_ROW, DECIDED, *(step.reason for step in _PASSES)]))
    return pd.DataFrame({"label": people.root, "evidence": reasons}, index=keys.index)


def block_keys(keys: pd.DataFrame) -> list[Ints]:
    """For each reason to join rows a hash per row, equal for rows that may be joined for it; 0 for none."""
    return [combine(*(keys[name].to_numpy(dtype=np.int64) for name in step.keys)) for step in _PASSES]


class _People:
    """The rows' groups, which grow from pass to pass."""

    def __init__(self, keys: pd.DataFrame, different: Pairs) -> None:
        self._keys = {name: keys[name].to_numpy(dtype=np.int64) for name in _KEYS}
        self.root: Ints = np.arange(len(keys), dtype=np.int64)
        # 0: only row; 1: decided; then the passes
        self.reason = np.zeros(len(keys), dtype=np.int8)
        self._left = np.array([left for left, _ in different], dtype=np.int64)
        self._right = np.array([right for _, right in different], dtype=np.int64)

    def join_pairs(self, pairs: Pairs) -> None:
        """Joins what a human says is one, but for what a human says is two."""
        rows = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        block = np.repeat(np.arange(len(rows), dtype=np.int64), 2)
        self._join_blocks(block, self.root[rows.reshape(-1)], _Pass(DECIDED, (), has_vetoes=False), 1)
        is_joined = self.root[rows[:, 0]] == self.root[rows[:, 1]]
        self.reason[rows[is_joined].reshape(-1)] = 1

    def join(self, step: _Pass) -> None:
        """Joins the groups whose rows share the keys."""
        shared = combine(*(self._keys[name] for name in step.keys))
        rows = shared.nonzero()[0]
        # most keys are borne by one row
        rows = rows[pd.Series(shared[rows]).duplicated(keep=False).to_numpy()]
        block, root = distinct_pairs(shared[rows], self.root[rows])
        is_several = pd.Series(block).duplicated(keep=False).to_numpy()
        self._join_blocks(block[is_several], root[is_several], step, 2 + _PASSES.index(step))

    def _join_blocks(self, block: Ints, root: Ints, step: _Pass, code: int) -> None:
        """Joins all groups of a block or none, and all blocks that hang together or none.

        A block that contradicts itself joins nobody. So do blocks that only contradict each other: which of them is right, nobody
        knows, and any choice would depend on the order of rows.
        """
        if not len(block):
            return
        is_sound = ~np.isin(block, self._contradictory(block, root, step))
        block, root = block[is_sound], root[is_sound]
        label, position = np.unique(root, return_inverse=True)
        is_next = block[1:] == block[:-1]
        component = connected(len(label), position[:-1][is_next], position[1:][is_next])[position]
        is_sound = ~np.isin(component, self._contradictory(component, root, step))
        roots, into = root[is_sound], label[component[is_sound]]
        is_touched = np.isin(self.root, roots)
        self.reason[is_touched & (self.reason == 0)] = code
        target = np.arange(len(self.root), dtype=np.int64)
        target[roots] = into
        self.root = target[self.root]

    def _contradictory(self, unit: Ints, root: Ints, step: _Pass) -> Ints:
        """Units (blocks or components) of groups that cannot be one person."""
        left, right = self.root[self._left], self.root[self._right]
        found = [np.intersect1d(unit[root == one], unit[root == other]) for one, other in zip(left, right, strict=True)]
        if step.has_vetoes:
            found += [self._with_several(unit, root, name) for name in ("slug", "reach_id")]
        if step.has_vetoes and step.addresses_veto:
            found.append(self._with_several(unit, root, "email", within="email_domain"))
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    def _with_several(self, unit: Ints, root: Ints, key: str, within: str | None = None) -> Ints:
        """Units in which groups bear several values of a key (for one value of another key), and no group ties these together."""
        unit, root = self._with_different(unit, root, key)
        if not len(unit):
            return unit
        rows = np.isin(self.root, root) & (self._keys[key] != 0)
        facts = pd.DataFrame({"root": self.root[rows], "value": self._keys[key][rows]})
        facts["within"] = self._keys[within][rows] if within else 0
        joined = pd.DataFrame({"unit": unit, "root": root}).drop_duplicates().merge(facts.drop_duplicates(), on="root")
        scope = joined.groupby(["unit", "within"], sort=False).ngroup()
        by_scope = joined.groupby(scope, sort=False)
        # two addresses that one and the same group bears contradict nothing
        joined = joined[(by_scope["value"].transform("nunique") > 1) & (by_scope["root"].transform("nunique") > 1)]
        scope = scope[joined.index]
        bearers = pd.DataFrame({"scope": scope, "root": joined["root"]}).groupby(["scope", "root"], sort=False).ngroup().to_numpy()
        values = pd.DataFrame({"scope": scope, "value": joined["value"]}).groupby(["scope", "value"], sort=False).ngroup().to_numpy()
        count = int(bearers.max()) + 1 if len(bearers) else 0
        tied = connected(count + len(values), bearers.astype(np.int64), (count + values).astype(np.int64))[bearers]
        pieces = pd.DataFrame({"unit": joined["unit"].to_numpy(), "scope": scope.to_numpy(), "piece": tied}).drop_duplicates()
        return pieces.loc[pieces["scope"].duplicated(), "unit"].unique().astype(np.int64)

    def _with_different(self, unit: Ints, root: Ints, key: str) -> tuple[Ints, Ints]:
        """Units and their groups, only where a unit's rows bear different values of a key: nearly all agree, and this is cheap."""
        value, rows = self._keys[key], (self._keys[key] != 0).nonzero()[0]
        lowest = np.full(len(self.root), np.iinfo(np.int64).max, dtype=np.int64)
        highest = np.full(len(self.root), np.iinfo(np.int64).min, dtype=np.int64)
        np.minimum.at(lowest, self.root[rows], value[rows])
        np.maximum.at(highest, self.root[rows], value[rows])
        bears = lowest[root] <= highest[root]
        unit, root = unit[bears], root[bears]
        is_different = with_several(np.concatenate([unit, unit]), np.concatenate([lowest[root], highest[root]]))[: len(unit)]
        return unit[is_different], root[is_different]
