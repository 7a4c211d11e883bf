"""What words of titles can mean, by phrase, from the words in force and the phrases of icp_scoring.yaml."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

from liendea_assets.core.text import fold
from liendea_assets.scoring.title_words import TitleRole, TitleWords

# spellings without the letters of their language
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_ARABIC_ARTICLES = ("وال", "بال", "لل", "ال")

Key = tuple[str, ...]


@dataclass(slots=True)
class Entry:
    """What a phrase can mean. Several may hold: `office` is a field of work and a place.

    Attributes:
        role, kind: of the role, empty where it is none.
        level: decision_maker, influencer or empty.
        function: what the role is about.
        field: the function that the phrase names as a field of work, empty where it names none.
        sense: its part in the grammar, such as preposition or verb; empty where it has none.
        word: the folded phrase.
        action: what it does to the parts of a title; empty for what a part is made of.
    """

    word: str = ""
    role: str = ""
    kind: str = ""
    level: str = ""
    function: str = ""
    under: str = ""
    language: str = ""
    is_fixed: bool = False
    is_holder: bool = False
    has_deputies: bool = False
    lifts: bool = False
    is_serving: bool = False
    is_whole: bool = False
    except_in: tuple[str, ...] = ()
    field: str = ""
    sense: str = ""
    is_adjacent: bool = False
    is_office: bool = False
    is_subject: bool = False
    action: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    """All that is known.

    Attributes:
        phrases: by their folded words.
        endings: of compounds, folded.
        starts: folded beginnings of compounds, and the function they name.
    """

    phrases: dict[Key, Entry] = field(default_factory=dict)
    endings: dict[str, Entry] = field(default_factory=dict)
    starts: dict[str, str] = field(default_factory=dict)


def make_entries(words: TitleWords, decision_makers: Sequence[str], influencers: Sequence[str]) -> Entries:
    """The words in force, and the phrases of icp_scoring.yaml, which say a level of their own."""
    found = Entries()
    for name, role in words.roles.items():
        for language, phrases in role.words.items():
            for key, is_ending in chain.from_iterable(spellings(phrase) for phrase in phrases):
                entry = found.endings.setdefault(key[0], Entry(key[0])) if is_ending else _entry(found.phrases, key)
                if not entry.kind:
                    _fill(entry, name, role, language)
    for function, phrases in words.functions.items():
        for phrase in phrases:
            if phrase.endswith("-"):
                found.starts.setdefault(fold(phrase), function)
            for key, _ in spellings(phrase.rstrip("-")):
                entry = _entry(found.phrases, key)
                entry.field = entry.field or function
    _add_grammar(words, found.phrases)
    _override(found, decision_makers, influencers)
    for entry in found.phrases.values():
        entry.action = _action(entry)
    return found


def canonical(word: str) -> str:
    """Without the Arabic article."""
    if word and "\u0600" <= word[0] <= "\u06ff":
        for article in _ARABIC_ARTICLES:
            if word.startswith(article) and len(word) > len(article) + 2:
                return word[len(article) :]
    return word


@cache
def spellings(phrase: str) -> tuple[tuple[Key, bool], ...]:
    """The folded words of a phrase in each of its spellings, and whether it is the end of a compound."""
    is_ending = phrase.startswith("-")
    keys = [
        tuple(canonical(word) for word in fold(spelling).split())
        for spelling in dict.fromkeys((phrase, phrase.casefold().translate(_SPELT_OUT)))
    ]
    return tuple((key, is_ending) for key in dict.fromkeys(keys) if key)


def _entry(phrases: dict[Key, Entry], key: Key) -> Entry:
    found = phrases.get(key)
    if found is None:
        found = phrases[key] = Entry(" ".join(key))
    return found


def _fill(entry: Entry, name: str, role: TitleRole, language: str) -> None:
    entry.role, entry.kind, entry.level = name, role.kind or "rank", role.level or ""
    entry.function, entry.under, entry.language = role.function or "", role.under or "", language
    entry.is_fixed, entry.is_holder = bool(role.fixed), bool(role.holder)
    entry.has_deputies, entry.lifts, entry.is_serving = bool(role.deputies), bool(role.lifts), bool(role.serving)
    entry.is_whole, entry.except_in = bool(role.whole), role.except_in or ()


def _add_grammar(words: TitleWords, entries: dict[Key, Entry]) -> None:
    grammar = words.grammar
    senses: Iterable[tuple[str, Sequence[str]]] = (
        ("not_in_office", (*grammar.not_in_office, *grammar.not_in_office_adjacent)),
        ("formerly", grammar.formerly),
        ("now", grammar.now),
        ("verb", grammar.verbs),
        ("company", grammar.company_prepositions),
        ("join", grammar.joins),
        ("preposition", grammar.prepositions),
    )
    for sense, phrases in senses:
        for key, _ in chain.from_iterable(spellings(phrase) for phrase in phrases):
            entry = _entry(entries, key)
            entry.sense = entry.sense or sense
    for phrase in grammar.not_in_office_adjacent:
        for key, _ in spellings(phrase):
            entries[key].is_adjacent = True
    for phrase in grammar.offices:
        for key, _ in spellings(phrase):
            _entry(entries, key).is_office = True
    for phrase in grammar.subjects:
        for key, _ in spellings(phrase):
            _entry(entries, key).is_subject = True


def _override(found: Entries, decision_makers: Sequence[str], influencers: Sequence[str]) -> None:
    """A phrase that names a rank sets it in every language and spelling; any other phrase becomes a rank of its own."""
    # what is said last holds, and decision makers are
    for level, phrases in (("influencer", influencers), ("decision_maker", decision_makers)):
        for phrase in phrases:
            key = next((key for key, _ in spellings(phrase)), None)
            if key is None:
                continue
            known = found.phrases.get(key)
            if known and known.kind == "rank":
                for entry in chain(found.phrases.values(), found.endings.values()):
                    if entry.role == known.role or (entry.under and entry.under == known.role):
                        entry.level = level
                continue
            entry = _entry(found.phrases, key)
            entry.role, entry.kind, entry.level, entry.language = phrase, "rank", level, "en"
            entry.is_fixed, entry.lifts, entry.sense = False, False, ""


def _action(entry: Entry) -> str:
    """What a phrase does to the parts of a title; roles and fields of work are what parts are made of."""
    if entry.kind == "skipped":
        return "skip"
    if entry.sense == "formerly":
        return "formerly"
    if entry.is_office:
        return "office"
    if entry.is_subject:
        return "subject"
    is_free = entry.sense in ("now", "verb", "company") or not entry.field
    return entry.sense if not entry.kind and is_free and entry.sense != "not_in_office" else ""
