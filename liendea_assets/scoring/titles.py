"""What a job title says: level, function, and which words decided. How titles are read is told in docs/titles.md.

Whole words count, never parts of words (`VPN Engineer` is no VP), and the head of the phrase decides (`Head Chef` is a chef). Who serves
somebody is not that somebody (`Assistant to the VP`), and who is not in office is none (`Former CEO`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from liendea_assets.scoring.title_lexicon import Lexicon, build_lexicon
from liendea_assets.scoring.title_parts import Part, Parts, split_title
from liendea_assets.scoring.title_roles import DECISION_MAKER, INDIVIDUAL, INFLUENCER, NOT_A_PROSPECT, Item, Role, find_role
from liendea_assets.scoring.title_words import TitleWords, join_title_words, titles_version

__all__ = ["DECISION_MAKER", "INDIVIDUAL", "INFLUENCER", "NOT_A_PROSPECT", "Title", "TitleReader", "classify_titles"]

UNKNOWN_FUNCTION = "unknown"
_WEAK = "general_management"


@dataclass(frozen=True, slots=True)
class Title:
    """What one title says.

    Attributes:
        level: decision_maker, influencer, individual_contributor or not_a_prospect; None for a title without words.
        function: sales, marketing … as in data/titles.yaml, or unknown.
        phrase: the words that decided, as they stand in the title; empty where no known word does.
        role: its name in data/titles.yaml, or the phrase of icp_scoring.yaml.
        why: in plain words.
    """

    level: str | None
    function: str
    phrase: str
    role: str
    why: str


_NO_WORDS = Title(None, UNKNOWN_FUNCTION, "", "", "no words")


class TitleReader:
    """Reads titles by the words in force and the phrases of icp_scoring.yaml, which have the last word on levels."""

    def __init__(self, words: TitleWords, decision_makers: Sequence[str] = (), influencers: Sequence[str] = ()) -> None:
        self._lexicon: Lexicon = build_lexicon(words, decision_makers, influencers)
        self._heads_last = frozenset(words.heads_last)

    def read(self, title: str) -> Title:
        """The best of the roles that a title names."""
        parts = split_title(title, self._lexicon)
        if len(parts.pieces) < 2:
            return _NO_WORDS
        found = _roles(parts)
        if not found:
            return Title(INDIVIDUAL, self._any_function(parts), "", "", "no word of a role")
        role, part = min(found, key=lambda one: one[0].rank)
        other_sense = next((function for function in role.entry.except_in if function in parts.fields), None)
        if other_sense and role.level != NOT_A_PROSPECT:
            return Title(INDIVIDUAL, other_sense, parts.text(role.start, role.end), role.name, "another sense of the word")
        return Title(role.level, self._function(role, part, parts), parts.text(role.start, role.end), role.name, role.why)

    def _function(self, role: Role, part: Part, parts: Parts) -> str:
        entry = role.entry
        if entry.kind == "servant":
            # Marketing Assistant; but not the field of whoever is served
            return _last(part.core[: role.head]) or entry.function or UNKNOWN_FUNCTION
        if entry.function and (entry.kind != "rank" or entry.is_fixed):
            return entry.function
        is_last = entry.language in self._heads_last or not entry.language
        before, after = part.core[: role.head], [*part.core[role.head + 1 :], *part.rest]
        about = _last(before) if is_last and role.head == len(part.core) - 1 else ""
        about = about or _first(after, is_last) or _last(before) or (entry.field if entry.kind != "rank" else "")
        about = about or next((item.entry.function for item in reversed(before) if item.entry.kind == "occupation"), "")
        if about or entry.function:
            return about or entry.function
        here = next(index for index, one in enumerate(parts.parts) if one is part)
        others = [*parts.parts[here + 1 :], *reversed(parts.parts[:here])]
        # parts that name no role of their own come first
        others.sort(key=lambda one: any(item.entry.kind in ("rank", "occupation") for item in one.core))
        named = [_first([*one.core, *one.rest], is_last) for one in others]
        # Executive Vice President and CFO
        named += [item.entry.function for one in others if not one.is_dated for item in one.core if item.entry.is_fixed]
        return next((function for function in named if function), UNKNOWN_FUNCTION)

    @staticmethod
    def _any_function(parts: Parts) -> str:
        for part in parts.parts:
            about = _last(part.core) or _first(part.rest, is_last=True)
            if about:
                return about
        is_office = any(item.entry.sense == "office" for part in parts.parts for item in part.core)
        return "administration" if is_office else UNKNOWN_FUNCTION


def classify_titles(
    titles: pd.Series, decision_makers: Sequence[str], influencers: Sequence[str], words: TitleWords | None = None
) -> pd.DataFrame:
    """Reads each distinct title once, so that a million contacts cost what their distinct titles cost.

    Args:
        titles: text; missing means unknown.
        decision_makers, influencers: phrases whose level is said by icp_scoring.yaml.
        words: what a home adds to those that ship with the product.

    Returns:
        `level` (missing where the title is, or has no words), `function`, `phrase` (the words that decided, as they stand in the title,
        empty where no known word does), `role`, `why`; the titles' index; all `object`.
    """
    reader = _reader(words or TitleWords(), tuple(decision_makers), tuple(influencers))
    codes, distinct = pd.factorize(titles)
    read = [reader.read(str(title)) for title in distinct]
    columns = {
        name: pd.Series([getattr(title, name) for title in read], dtype=object).reindex(codes).set_axis(titles.index)
        for name in ("level", "function", "phrase", "role", "why")
    }
    return pd.DataFrame(columns, index=titles.index)


def _reader(words: TitleWords, decision_makers: tuple[str, ...], influencers: tuple[str, ...]) -> TitleReader:
    return _kept_reader(_Words(words, titles_version(words)), decision_makers, influencers)


@dataclass(frozen=True, slots=True)
class _Words:
    """Words that are the same if their version is."""

    words: TitleWords
    version: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Words) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)


@lru_cache(maxsize=4)
def _kept_reader(words: _Words, decision_makers: tuple[str, ...], influencers: tuple[str, ...]) -> TitleReader:
    return TitleReader(join_title_words(words.words), decision_makers, influencers)


def _roles(parts: Parts) -> list[tuple[Role, Part]]:
    found: list[tuple[Role, Part]] = []
    is_cut = is_company = is_gone = is_served = is_former = False
    segment = 0
    for part in parts.parts:
        if part.gap == "bar":
            is_cut = is_company = is_gone = is_former = False
            segment = len(found)
        elif part.gap in ("comma", "dash"):
            is_gone = False
            # Reporting to the CFO - Analyst
            is_cut = is_cut and part.gap == "comma"
        if is_cut:
            continue
        is_former = is_former or part.is_former
        if part.is_dated and _only_gone(part):
            # VP of Sales (former); Retired
            role, of = found.pop() if found else (_retired(part), part)
            found.append((_gone(role), of))
            continue
        role_found = find_role(part.core, is_gone=is_gone or is_former) if part.core else None
        if role_found and _counts(role_found, part, is_company=is_company and part.gap == "and", is_served=is_served):
            if role_found.entry.kind == "seeking":
                # VP Sales, open to new opportunities
                del found[segment:]
            found.append((role_found, part))
            is_gone = role_found.level == NOT_A_PROSPECT and role_found.why == "not in office"
            is_served = is_served or role_found.entry.kind == "servant"
        is_cut = part.is_cut
        is_company = part.ends_in_company or (is_company and part.gap == "and")
    return found


def _only_gone(part: Part) -> bool:
    return all(item.entry.sense == "not_in_office" and not item.entry.kind for item in part.core)


def _gone(role: Role) -> Role:
    return Role(NOT_A_PROSPECT, role.name, role.entry, role.start, role.end, "not in office", 4, role.head)


def _retired(part: Part) -> Role:
    first, last = part.core[0], part.core[-1]
    return Role(NOT_A_PROSPECT, "", first.entry, first.start, last.end, "not in office", 4, 0)


def _counts(role: Role, part: Part, *, is_company: bool, is_served: bool) -> bool:
    """Whether it is a role of the holder: behind "Assistant" and within a company's name it is another's."""
    owns = role.name in ("founder", "owner")
    if is_served and role.entry.kind != "servant":
        return owns and part.gap == "bar"
    return not is_company or owns or (role.head == 0 and part.has_object)


def _last(items: Sequence[Item]) -> str:
    fields = [item.entry.field for item in reversed(items) if item.entry.field]
    # strategy is of something
    return next((one for one in fields if one != _WEAK), fields[0] if fields else "")


def _first(items: Sequence[Item], is_last: bool) -> str:
    """The first field of work; where compounds have their head last, the last of those that stand together."""
    about = ""
    for item in items:
        if item.entry.field and (not about or (is_last and item.entry.field != _WEAK) or about == _WEAK):
            about = item.entry.field
        elif about and not item.entry.field:
            break
    return about
