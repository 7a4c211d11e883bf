"""Which rows are one person. Pure and columnar: keys in, a label per row out; the order of rows does not matter."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from liendea_assets.imports.grouping import Ints, combine, connected, distinct_pairs

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

    A human's word comes first. Then strong keys: the profile's slug, the Reach id, the work e-mail (of a person, not of a desk, and
    with a name that agrees). Then name and company. All rows of a block are joined or none: a row that could be either of two people
    joins neither. Keys that contradict each other are never joined for a weaker reason. A name alone joins nobody: two people called
    alike are worse as one than one person as two.

    Args:
        keys: `row_keys.KEY_COLUMNS` and `company` (int64, 0 where unknown).
        same: pairs of positions that a human says are one person.
        different: pairs that a human says are two; they win over everything.

    Returns:
        Same index; `label` (int64, equal for rows of one person: the position of the first of them) and `evidence`.
    """
    people = _People(keys, different)
    for pair in sorted(same):
        people.join_pair(pair)
    for step in _PASSES:
        people.join(step)
    reasons = pd.Categorical.from_codes(people.reason.astype(np.int64), pd.Index([ONLY_ROW, DECIDED, *(step.reason for step in _PASSES)]))
    return pd.DataFrame({"label": people.root, "evidence": reasons}, index=keys.index)


def block_keys(keys: pd.DataFrame) -> list[Ints]:
    """For each reason to join rows a hash per row, equal for rows that may be joined for it; 0 for none."""
    return [combine(*(keys[name].to_numpy(dtype=np.int64) for name in step.keys)) for step in _PASSES]


@dataclass(slots=True)
class _Group:
    """Rows that are one person so far, with the strong keys seen and the sides of human decisions that it is on."""

    slugs: set[int] = field(default_factory=set)
    reach_ids: set[int] = field(default_factory=set)
    emails: dict[int, set[int]] = field(default_factory=dict)
    lefts: set[int] = field(default_factory=set)
    rights: set[int] = field(default_factory=set)

    def contradicts(self, other: "_Group", step: _Pass) -> bool:
        if not (self.lefts.isdisjoint(other.rights) and self.rights.isdisjoint(other.lefts)):
            return True
        if not step.has_vetoes:
            return False
        for own, others in ((self.slugs, other.slugs), (self.reach_ids, other.reach_ids)):
            if own and others and own.isdisjoint(others):
                return True
        shared = self.emails.keys() & other.emails.keys() if step.addresses_veto else ()
        return any(self.emails[domain].isdisjoint(other.emails[domain]) for domain in shared)

    def add(self, other: "_Group") -> None:
        self.slugs |= other.slugs
        self.reach_ids |= other.reach_ids
        self.lefts |= other.lefts
        self.rights |= other.rights
        for domain, emails in other.emails.items():
            self.emails[domain] = self.emails.get(domain, set()) | emails


class _People:
    """The rows' groups, which grow from pass to pass."""

    def __init__(self, keys: pd.DataFrame, different: Pairs) -> None:
        self._keys = {name: keys[name].to_numpy(dtype=np.int64) for name in _KEYS}
        self.root: Ints = np.arange(len(keys), dtype=np.int64)
        # 0: only row; 1: decided; then the passes
        self.reason = np.zeros(len(keys), dtype=np.int8)
        self._left = np.array([left for left, _ in different], dtype=np.int64)
        self._right = np.array([right for _, right in different], dtype=np.int64)

    def join_pair(self, pair: tuple[int, int]) -> None:
        rows = np.array(pair, dtype=np.int64)
        self._join_one_by_one(np.array([0, 0]), self.root[rows], _Pass(DECIDED, (), has_vetoes=False), 1)

    def join(self, step: _Pass) -> None:
        """Joins the rows of each block. Blocks that touch nothing doubtful are joined at once, the others one by one."""
        block, root = self._candidates(step)
        if not len(block):
            return
        doubtful = self._doubtful_blocks(block, root, step)
        label, position = np.unique(root, return_inverse=True)
        is_next = block[1:] == block[:-1]
        component = connected(len(label), position[:-1][is_next], position[1:][is_next])[position]
        is_doubtful = np.isin(block, doubtful) | np.isin(component, self._doubtful_blocks(component, root, step))
        is_doubtful = np.isin(component, component[is_doubtful])
        code = 2 + _PASSES.index(step)
        self._merge(root[~is_doubtful], label[component[~is_doubtful]], code)
        self._join_one_by_one(block[is_doubtful], root[is_doubtful], step, code)

    def _candidates(self, step: _Pass) -> tuple[Ints, Ints]:
        """Blocks and the groups in them, for blocks of several groups; those that cannot be one person are left out already."""
        shared = combine(*(self._keys[name] for name in step.keys))
        rows = shared.nonzero()[0]
        # most keys are borne by one row
        rows = rows[pd.Series(shared[rows]).duplicated(keep=False).to_numpy()]
        block, root = distinct_pairs(shared[rows], self.root[rows])
        is_several = pd.Series(block).duplicated(keep=False).to_numpy()
        block, root = block[is_several], root[is_several]
        if step.has_vetoes:
            impossible = np.concatenate([self._with_several(block, root, name, one_each=True) for name in ("slug", "reach_id")])
            is_possible = ~np.isin(block, impossible)
            block, root = block[is_possible], root[is_possible]
        return block, root

    def _doubtful_blocks(self, block: Ints, root: Ints, step: _Pass) -> Ints:
        """Blocks (or components) in which something may contradict, so that the order of joining matters."""
        found = [self._with_decisions(block, root)]
        if step.has_vetoes:
            found += [self._with_several(block, root, name) for name in ("slug", "reach_id")]
        if step.has_vetoes and step.addresses_veto:
            found.append(self._with_several(block, root, "email", within="email_domain"))
        return np.concatenate(found)

    def _with_several(self, block: Ints, root: Ints, key: str, within: str | None = None, *, one_each: bool = False) -> Ints:
        """Blocks whose groups bear several values of a key (of one value of another key); `one_each`: no group more than one."""
        rows = np.isin(self.root, root) & (self._keys[key] != 0)
        facts = pd.DataFrame({"root": self.root[rows], "value": self._keys[key][rows]})
        facts["within"] = self._keys[within][rows] if within else 0
        joined = pd.DataFrame({"block": block, "root": root}).merge(facts.drop_duplicates(), on="root")
        by_block = joined.groupby(["block", "within"])
        counts = by_block[["value", "root"]].nunique()
        # two addresses that one and the same group bears contradict nothing
        several = counts[(counts["value"] > 1) & (counts["root"] > 1)]
        if one_each:
            several = several[several["root"] == by_block.size().loc[several.index]]
        return several.index.get_level_values("block").unique().to_numpy(dtype=np.int64)

    def _with_decisions(self, block: Ints, root: Ints) -> Ints:
        decided = np.concatenate([self.root[self._left], self.root[self._right]])
        return np.unique(block[np.isin(root, decided)])

    def _merge(self, roots: Ints, into: Ints, code: int) -> None:
        """Points groups to their component's smallest group, and notes the reason with rows that have none yet."""
        target = np.arange(len(self.root), dtype=np.int64)
        target[roots] = into
        is_touched = np.isin(self.root, roots)
        self.reason[is_touched & (self.reason == 0)] = code
        self.root = target[self.root]

    def _join_one_by_one(self, block: Ints, root: Ints, step: _Pass, code: int) -> None:
        """Each block after the other in order of its hash, all of its groups or none."""
        groups = self._groups(np.unique(root))
        alias = {int(one): int(one) for one in groups}

        def find(one: int) -> int:
            while alias[one] != one:
                one = alias[one]
            return one

        joined: dict[int, int] = {}
        ends = np.flatnonzero(block[1:] != block[:-1]) + 1
        for members in np.split(root, ends) if len(root) else []:
            roots = sorted({find(int(one)) for one in members})
            total = _Group()
            for one in roots:
                if total.contradicts(groups[one], step):
                    break
                total.add(groups[one])
            else:
                for one in roots[1:]:
                    alias[one] = roots[0]
                groups[roots[0]] = total
                joined |= dict.fromkeys((int(one) for one in members), 0)
        if joined:
            sources = np.array(sorted(joined), dtype=np.int64)
            self._merge(sources, np.array([find(int(one)) for one in sources], dtype=np.int64), code)

    def _groups(self, roots: Ints) -> dict[int, _Group]:
        groups = {int(one): _Group() for one in roots}
        rows = np.isin(self.root, roots).nonzero()[0]
        columns = (self.root[rows], *(self._keys[name][rows] for name in ("slug", "reach_id", "email", "email_domain")))
        for one, slug, reach_id, email, domain in zip(*(column.tolist() for column in columns), strict=True):
            group = groups[one]
            if slug:
                group.slugs.add(slug)
            if reach_id:
                group.reach_ids.add(reach_id)
            if email:
                group.emails.setdefault(domain, set()).add(email)
        for pair, (left, right) in enumerate(zip(self.root[self._left].tolist(), self.root[self._right].tolist(), strict=True)):
            if left in groups:
                groups[left].lefts.add(pair)
            if right in groups:
                groups[right].rights.add(pair)
        return groups
