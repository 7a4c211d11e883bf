"""A title cut into the parts that can hold a role each, with the phrases found in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from liendea_assets.scoring.title_lexicon import TOKEN, Entry, Lexicon, Word
from liendea_assets.scoring.title_roles import Item

Gap = Literal["join", "comma", "and", "bar", "company"]

# (m/w/d), H/F, (all genders); they are the advertisement's, not the title's
_GENDERS = re.compile(
    r"\(\s*(?:[mwfdhxikn]|div|gn|all genders?|mwd)(?:\s*[/|*,]\s*(?:[mwfdhxikn]|div|gn|all))*\s*\)|(?<!\w)(?:[mwfdhx]/[mwfdhx](?:/[mwfdhxi])?)(?!\w)", re.IGNORECASE
)
_BAR = re.compile(r"[|¦‖•·●▪■◆►▶⟩»;\n\t！!?。…~＼\\→⇒]|\.{3}|[^\w\s\x00-\u036f\u2000-\u206f'\"’‘“”´`\-–—‐‑−_.,:/&+()\[\]{}@#*%$€£|、，／（）・＆；：｜]")
_LONGEST_CHIEF = 8


@dataclass(slots=True)
class Part:
    """Between two separators.

    Attributes:
        gap: what stands before it.
        core: items before its first preposition; a role can be among these only.
        rest: items after it, up to a company's name.
        is_cut: nothing after it in this segment counts (whom one helps, whose office it is).
        ends_in_company: what is joined by "and" may belong to the company's name.
        starts_now: a word such as "now" stands before it.
        is_former: "formerly" holds up to the next bar.
    """

    gap: Gap
    core: list[Item] = field(default_factory=list)
    rest: list[Item] = field(default_factory=list)
    is_cut: bool = False
    ends_in_company: bool = False
    has_object: bool = False
    is_former: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts, and the title's tokens with what stands between them, as it was written."""

    parts: list[Part]
    pieces: list[str]
    fields: frozenset[str]

    def text(self, start: int, end: int) -> str:
        """The title from one token to before another."""
        return "".join(self.pieces[2 * start + 1 : 2 * end])


def split_title(title: str, lexicon: Lexicon) -> Parts:
    """Cuts a title into parts."""
    if "/" in title or "(" in title:
        title = _GENDERS.sub(lambda found: " " * len(found[0]), title)
    pieces = TOKEN.split(title)
    gaps = [_gap(piece) for piece in pieces[0::2]]
    words = [lexicon.read(token) for token in pieces[1::2]]
    found = _find_items(words, gaps, pieces, lexicon)
    fields = frozenset(item.entry.field or item.entry.function for item in found if item.entry.field or item.entry.kind == "craft")
    return Parts(_cut(found, gaps), pieces, fields)


@cache
def _gap(text: str) -> Gap:
    """What stands between two words."""
    bare = text.strip()
    if not bare:
        return "bar" if "\n" in text or "\t" in text else "join"
    if bare in {"'", "’", "´", "`", ".", "-", "‐", "‑", '"', "#", "'-"} and not (bare in {"-", "‐", "‑"} and text != bare):
        return "join"
    if _BAR.search(bare):
        return "bar"
    if "@" in bare:
        return "company"
    if any(sign in bare for sign in ",:()[]{}–—−-、，：（）"):
        return "comma"
    if any(sign in bare for sign in "&+/・／＆*_"):
        return "and"
    return "join" if set(bare) <= set("'’\".“”‘´`#_*%") else "comma"


def _find_items(words: Sequence[Word], gaps: Sequence[Gap], pieces: Sequence[str], lexicon: Lexicon) -> list[Item]:
    """The longest phrase at each place, from the left."""
    found: list[Item] = []
    at, count = 0, len(words)
    while at < count:
        word = words[at]
        end = at + 1
        entries = lexicon.read_end(word) if at and pieces[2 * at] == "-" else word.entries
        if word.phrases and end < count:
            following = words[end]
            phrases = word.phrases.get(following.folded) or word.phrases.get(following.base) or ()
            for rest, entry in phrases:
                last = end + len(rest)
                if last < count and _follows(words[end + 1 : last + 1], gaps[end : last + 1], rest, entry):
                    entries, end = (entry,), last + 1
                    break
        if entries and entries[0].role == "chief" and end == at + 1:
            end, entries = _chief_officer(words, gaps, at) or (end, entries)
        if end < count and words[end].folded == "s" and gaps[end] == "join" and pieces[2 * end] in ("'", "’", "´", "`"):
            # the president's: whose, not who
            found += [Item(Entry(entry.word, field=entry.field), at, end) for entry in entries]
            end += 1
        else:
            found += [Item(entry, at, end) for entry in entries]
        at = end
    return found


def _follows(words: Sequence[Word], gaps: Sequence[Gap], rest: tuple[str, ...], entry: Entry) -> bool:
    """Whether words are the rest of a phrase; fields of work may have an ampersand in them (FP&A)."""
    if any(one not in (word.folded, word.base) for word, one in zip(words, rest, strict=True)):
        return False
    allowed = ("join", "and") if entry.field and not entry.kind else ("join",)
    return all(gap in allowed for gap in gaps)


def _chief_officer(words: Sequence[Word], gaps: Sequence[Gap], at: int) -> tuple[int, tuple[Entry, ...]] | None:
    """Chief People & Culture Officer: what stands between says what of."""
    for end in range(at + 1, min(at + _LONGEST_CHIEF, len(words))):
        if gaps[end] in ("bar", "company"):
            return None
        if words[end].folded in ("officer", "officers"):
            between = [entry for word in words[at + 1 : end] for entry in word.entries]
            if any(entry.kind == "rank" for entry in between):
                return None
            chief = words[at].entries[0]
            about = next((entry.field for entry in between if entry.field), "")
            return end + 1, (Entry("chief officer", 2, "chief", "rank", chief.level, about, language="en", is_fixed=True, is_holder=True),)
    return None


def _cut(found: Sequence[Item], gaps: Sequence[Gap]) -> list[Part]:
    part = Part("bar")
    parts = [part]
    in_core, start = True, 0
    for item in found:
        # the items of a compound share their token, and nothing stands between them
        gap: Gap = gaps[item.start] if item.start != start else "join"
        start = item.start
        if gap == "company":
            part.ends_in_company, part.has_object, in_core = True, True, False
        elif gap != "join":
            part, in_core = Part(gap), True
            parts.append(part)
        entry = item.entry
        action = entry.action
        if action:
            if action == "now":
                part, in_core = Part("bar"), True
                parts.append(part)
                continue
            if action == "skip" or part.is_cut:
                continue
            if action == "join":
                part, in_core = Part("and"), True
                parts.append(part)
                continue
            if action == "verb":
                part.is_cut = True
                continue
            if action == "company":
                in_core, part.ends_in_company, part.has_object = False, True, True
                continue
            if action == "preposition":
                in_core, part.has_object = False, True
                continue
            if action == "formerly":
                part.is_former = True
                continue
            if in_core and _takes_role(item, part):
                continue
        if part.is_cut:
            continue
        if in_core:
            part.core.append(item)
        elif not part.ends_in_company:
            part.rest.append(item)
    return parts


def _takes_role(item: Item, part: Part) -> bool:
    """The CEO's office is where one works, and CFO Advisory what one works on: neither says who one is."""
    entry, core = item.entry, part.core
    is_phrase = " " in entry.word
    before = core[-1] if core else None
    if entry.is_office and (is_phrase or (before and before.entry.kind == "rank")):
        if before and before.entry.kind == "rank" and not is_phrase:
            core[-1] = Item(Entry(before.entry.word), before.start, before.end)
        core.append(Item(Entry(entry.word, field="" if is_phrase else entry.field, sense="office"), item.start, item.end))
        part.is_cut = part.is_cut or is_phrase
        return True
    if entry.is_subject and before and before.entry.under:
        core[-1] = Item(Entry(before.entry.word, field=before.entry.function), before.start, before.end)
    return False
