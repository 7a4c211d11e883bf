"""Which role a part of a title names: the head of its phrase, unless it serves somebody, is no longer in office, or is a craft."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from liendea_assets.scoring.title_entries import Entry

DECISION_MAKER, INFLUENCER = "decision_maker", "influencer"
INDIVIDUAL, NOT_A_PROSPECT = "individual_contributor", "not_a_prospect"

# Guitarist, brewer, librarian: who follows Head or Lead and is named so has a craft, in English
_CRAFT = re.compile(r"\w{2}(?:ist|er|or|ian|man|woman|smith|wright)$")
# who stands so before a rank is its deputy; an executive assistant never is
_ASSISTANTS = ("assistant", "asst")


class Item(NamedTuple):
    """A phrase found in a title, from one token to before another."""

    entry: Entry
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Role:
    """What a part of a title says.

    Attributes:
        level: one of the four.
        name: of the role, as in data/titles.yaml.
        entry: whose function counts where no other word tells it.
        start, end: the tokens that decided.
        why: in plain words.
        rank: the smaller, the more it counts among the roles of one title.
        head: the position of the head among the items of its part.
    """

    level: str
    name: str
    entry: Entry
    start: int
    end: int
    why: str
    rank: int
    head: int


_RANKS = {DECISION_MAKER: 0, INFLUENCER: 1, INDIVIDUAL: 3, NOT_A_PROSPECT: 4}
_STUDENT_RANK = 2
_ASIDE_RANK = 5


_WHY = {
    "rank": "its head word",
    "occupation": "a work of one's own",
    "craft": "a craft",
    "servant": "serves somebody",
    "student": "a student or an intern",
    "aside": "no job by itself",
}


def find_role(core: Sequence[Item], *, is_gone: bool) -> Role | None:
    """The role that a noun phrase names; None where it names none.

    Args:
        core: its items up to the first preposition, without skipped ones.
        is_gone: words before it say that the holder is no longer in office.
    """
    for position, item in enumerate(core):
        entry = item.entry
        if entry.kind == "seeking":
            return _role(NOT_A_PROSPECT, item, item, "not working, or no job", position, _STUDENT_RANK)
        if entry.sense == "not_in_office":
            held = _held(core, position)
            if held:
                return _role(NOT_A_PROSPECT, item, held.entry_item, "not in office", held.position)
    roles = [(position, item) for position, item in enumerate(core) if item.entry.kind not in ("", "no_role")]
    # a word such as commercial is a role only where no other is
    if len(roles) > 1:
        roles = [
            (position, item) for position, item in roles if not (item.entry.field and item.entry.kind in ("occupation", "craft"))
        ] or roles
    if not roles:
        return None
    found = _student(roles) or _servant(core, roles) or _head(core, roles)
    if is_gone:
        return _role(NOT_A_PROSPECT, core[found.head], core[found.head], "not in office", found.head)
    return found


@dataclass(frozen=True, slots=True)
class _Held:
    entry_item: Item
    position: int


def _held(core: Sequence[Item], position: int) -> _Held | None:
    """The role that the holder had: the first after `Former`, or the last before it where nothing follows."""
    word = core[position].entry
    after = [(at, item) for at, item in enumerate(core) if at > position]
    if word.is_adjacent:
        after = after[:1]
    ranked = [(at, item) for at, item in after if item.entry.kind and item.entry.kind != "no_role"]
    if ranked:
        # Former Sales Director: the head, not its field
        at, item = ranked[-1]
        return _Held(item, at)
    if after or word.is_adjacent:
        return None
    before = [(at, item) for at, item in enumerate(core) if at < position and item.entry.kind not in ("", "no_role")]
    if before:
        at, item = before[-1]
        return _Held(item, at)
    return None


def _student(roles: Sequence[tuple[int, Item]]) -> Role | None:
    for position, item in roles:
        is_last_role = position == roles[-1][0]
        if item.entry.kind == "student" and (item.entry.is_whole or is_last_role):
            return _role(NOT_A_PROSPECT, item, item, "a student or an intern", position, _STUDENT_RANK)
    return None


def _servant(core: Sequence[Item], roles: Sequence[tuple[int, Item]]) -> Role | None:
    for order, (position, item) in enumerate(roles):
        if item.entry.kind != "servant":
            continue
        last_at, last = roles[-1]
        is_before_all = item.entry.word in _ASSISTANTS and position == 0
        if is_before_all and last_at == len(core) - 1 and last.entry.kind in ("craft", "occupation"):
            # Assistant Accountant
            return _role(INDIVIDUAL, item, last, _WHY[last.entry.kind], last_at)
        following = roles[order + 1] if order + 1 < len(roles) else (0, item)
        for at, deputy in ((last_at, last), following) if is_before_all else ():
            if deputy.entry.has_deputies and at in (len(core) - 1, position + 1):
                return _role(INFLUENCER, item, deputy, f"the {deputy.entry.word}'s deputy", at)
        return _role(INDIVIDUAL, item, item, _WHY["servant"], position)
    return None


def _head(core: Sequence[Item], roles: Sequence[tuple[int, Item]]) -> Role:
    """At the end of the phrase, else the first rank, which then stands before its field."""
    last_at, last = roles[-1]
    holders = [(at, item) for at, item in roles[:-1] if item.entry.is_holder]
    if last_at != len(core) - 1:
        lifted = _lifted(core, roles)
        if lifted:
            return lifted
        ranks = [(at, item) for at, item in roles if item.entry.kind == "rank"]
        at, item = next(iter([one for one in roles if one[1].entry.is_holder] or ranks or roles))
        return _plain(item, at)
    if last.entry.kind == "rank":
        at, beside = holders[-1] if holders else (0, last)
        # CEO Founder is two roles, of which the better counts; CEO Office Manager is one
        is_two = last.entry.is_holder and at + 1 == last_at and last.entry.level != beside.entry.level == DECISION_MAKER
        return _plain(beside, at) if is_two else _plain(last, last_at)
    if holders and not last.entry.is_serving:
        return _plain(holders[0][1], holders[0][0])
    lifting = [item for _, item in roles[:-1] if item.entry.lifts]
    return _lift(lifting[0], last, last_at) if lifting else _plain(last, last_at)


def _lifted(core: Sequence[Item], roles: Sequence[tuple[int, Item]]) -> Role | None:
    """Head Chef London, Lead Engineer Berlin, Lead Guitarist: the craft after the word decides."""
    for order, (at, item) in enumerate(roles):
        if not item.entry.lifts:
            continue
        following = roles[order + 1 : order + 2]
        if following and following[0][1].entry.kind in ("occupation", "craft"):
            between = core[at + 1 : following[0][0]]
            if all(one.entry.field for one in between):
                return _lift(item, following[0][1], following[0][0])
        if item.entry.language == "en" and at + 1 == len(core) - 1:
            last = core[-1]
            if not last.entry.field and not last.entry.kind and not last.entry.sense and _CRAFT.search(last.entry.word):
                return Role(INDIVIDUAL, "craft", Entry(last.entry.word), item.start, last.end, "a craft", _RANKS[INDIVIDUAL], at)
    return None


def _lift(lifting: Item, worked: Item, at: int) -> Role:
    """Lead Engineer leads engineers; Head Chef is a cook."""
    if worked.entry.kind == "craft" or worked.entry.role == "coach":
        return _role(INDIVIDUAL, lifting, worked, "a craft", at)
    level = lifting.entry.level if lifting.entry.role in ("lead", "principal") else INFLUENCER
    return _role(level, lifting, worked, "leads in a work of one's own", at)


def _plain(item: Item, at: int) -> Role:
    kind = item.entry.kind
    level = item.entry.level if kind == "rank" else INDIVIDUAL
    return _role(level or INDIVIDUAL, item, item, _WHY.get(kind, "its head word"), at, _ASIDE_RANK if kind == "aside" else None)


def _role(level: str, first: Item, last: Item, why: str, head: int, rank: int | None = None) -> Role:
    start, end = min(first.start, last.start), max(first.end, last.end)
    named = last if last.entry.role else first
    return Role(level, named.entry.role or "", named.entry, start, end, why, _RANKS[level] if rank is None else rank, head)
