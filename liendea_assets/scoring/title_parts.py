"""A title cut into the parts that can hold a role each, with the phrases found in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from liendea_assets.scoring.title_entries import Entry
from liendea_assets.scoring.title_lexicon import TOKEN, Lexicon, Word
from liendea_assets.scoring.title_roles import Item

Gap = Literal["join", "comma", "dash", "and", "bar", "company"]

# (m/w/d), H/F, (all genders); they are the advertisement's, not the title's
_GENDERS = re.compile(
    r"\(\s*(?:[mwfdhxikn]|div|gn|all genders?|mwd)(?:\s*[/|*,]\s*(?:[mwfdhxikn]|div|gn|all))*\s*\)"
    r"|(?<!\w)(?:[mwfdhx]/[mwfdhx](?:/[mwfdhxi])?)(?!\w)",
    re.IGNORECASE,
)
_BAR = re.compile(
    r"[|¦‖•·●▪■◆►▶⟩»;\n\t！!?。…~＼\\→⇒]|\.{3}|[^\w\s\x00-\u036f\u2000-\u206f'\"’‘“”´`\-–—‐‑−_.,:/&+()\[\]{}@#*%$€£|、，／（）・＆；：｜]"
)
_LONGEST_CHIEF = 8
# words that begin another part, as the separator does that they stand for
_OPENS: dict[str, Gap] = {"now": "bar", "join": "and"}
# words that only say how the others stand to each other
_SILENT = frozenset(["skip", "now", "join", "verb", "company", "preposition", "formerly"])


@dataclass(slots=True)
class Part:
    """Between two separators.

    Attributes:
        gap: what stands before it.
        core: items before its first preposition; a role can be among these only.
        rest: items after it, up to a company's name.
        is_cut: nothing after it in this segment counts (whom one helps, whose office it is).
        ends_in_company: what is joined by "and" may belong to the company's name.
        has_object: a preposition stands in it.
        is_former: "formerly" holds up to the next bar.
        is_dated: a word such as "former" stands in its core.
    """

    gap: Gap
    core: list[Item] = field(default_factory=list)
    rest: list[Item] = field(default_factory=list)
    is_cut: bool = False
    ends_in_company: bool = False
    has_object: bool = False
    is_former: bool = False
    is_dated: bool = False


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
    if any(sign in bare for sign in ",:()[]{}、，：（）"):
        return "comma"
    if any(sign in bare for sign in "–—−-"):
        return "dash"
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
            end, entries = _chief_officer(words, gaps, pieces, at, lexicon) or (end, entries)
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


def _chief_officer(
    words: Sequence[Word], gaps: Sequence[Gap], pieces: Sequence[str], at: int, lexicon: Lexicon
) -> tuple[int, tuple[Entry, ...]] | None:
    """Chief People & Culture Officer: what stands between says what of."""
    for end in range(at + 1, min(at + _LONGEST_CHIEF, len(words))):
        if gaps[end] in ("bar", "company"):
            return None
        if words[end].folded in ("officer", "officers"):
            between = [
                item.entry for item in _find_items(words[at + 1 : end], gaps[at + 1 : end], pieces[2 * at + 2 : 2 * end + 1], lexicon)
            ]
            if any(entry.kind == "rank" for entry in between):
                return None
            about = next((entry.field for entry in between if entry.field), "")
            level = words[at].entries[0].level
            officer = Entry(
                "chief officer", role="chief", kind="rank", level=level, function=about, language="en", is_fixed=True, is_holder=True
            )
            return end + 1, (officer,)
    return None


def _cut(found: Sequence[Item], gaps: Sequence[Gap]) -> list[Part]:
    part = Part("bar")
    parts = [part]
    in_core, start = True, 0
    for item in found:
        # the items of a compound share their token, and nothing stands between them
        gap: Gap = gaps[item.start] if item.start != start else "join"
        start = item.start
        action = item.entry.action
        gap = _OPENS.get(action, gap)
        if gap not in ("join", "company"):
            part, in_core = Part(gap), True
            parts.append(part)
        if gap == "company" or action == "company":
            in_core, part.ends_in_company, part.has_object = False, True, True
        elif action == "preposition":
            in_core, part.has_object = False, True
        elif action == "verb":
            part.is_cut = True
        elif action == "formerly":
            part.is_former = True
        if part.is_cut or action in _SILENT:
            continue
        if in_core:
            _add_to_core(item, part)
        elif not part.ends_in_company:
            part.rest.append(item)
    return parts


def _add_to_core(item: Item, part: Part) -> None:
    """The CEO's office is where one works, and CFO Advisory what one works on: neither says who one is."""
    entry, core = item.entry, part.core
    before = core[-1] if core else None
    is_phrase = " " in entry.word
    if entry.is_office and (is_phrase or (before and before.entry.kind == "rank")):
        if before and before.entry.kind == "rank" and not is_phrase:
            core[-1] = Item(Entry(before.entry.word), before.start, before.end)
        item = Item(Entry(entry.word, field="" if is_phrase else entry.field, sense="office"), item.start, item.end)
        part.is_cut = part.is_cut or is_phrase
    elif entry.is_subject and before and before.entry.under:
        core[-1] = Item(Entry(before.entry.word, field=before.entry.function), before.start, before.end)
    core.append(item)
    part.is_dated = part.is_dated or entry.sense == "not_in_office"
