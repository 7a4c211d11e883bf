"""Looking words of titles up: phrases of several words, compounds, feminine forms, and scripts that put no blanks between words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from liendea_assets.core.text import fold
from liendea_assets.scoring.title_entries import Entry, canonical, make_entries
from liendea_assets.scoring.title_words import TitleWords

# Chinese, Japanese and Korean; a run of them is several words
_CJK = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
# Leiter/in, Leiter:in, Leiter*in, Leiter(in), Directeur(trice), chargé·e, מנהל/ת
_FORMS = "innen|in|trice|rice|euse|ière|ère|ice|ine|ra|ka|czka|e|a|o|ת|ית"
_GENDER = rf"(?:(?:[/:*_·.]|/-)(?:{_FORMS})|\((?:{_FORMS}|s)\))(?!\w)"
TOKEN = re.compile(
    rf"((?:\b[^\W\d_]\.){{2,}}(?:[^\W\d_]\b)?|[^\W_]*[\u0590-\u05ff]+[\"'״׳][\u0590-\u05ff]+|[\u1100-\u11ff\u3040-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7a3]+"
    rf"|[^\W_\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+(?:{_GENDER})?)"
)
_GENDER_END = re.compile(rf"{_GENDER}$")
# LeiterIn
_INNER_CAPITAL = re.compile(r"(?<=[a-zäöü](?:r|t|e|n|f|g))In(?:nen)?$")
_DOTS = re.compile(r"[.\"'״׳]")
_SHORTEST_COMPOUND_START = 2


# the words that follow the second, and what all of them mean
Phrase = tuple[tuple[str, ...], Entry]
# by their second word, the longest first
Phrases = dict[str, list[Phrase]]
_NONE: Phrases = {}


@dataclass(slots=True)
class Word:
    """One token as it can be read.

    Attributes:
        folded: for comparing with phrases.
        base: the masculine form where it is a regular feminine one.
        phrases: that begin with it.
        entries: what it means by itself; several for compounds.
    """

    folded: str
    base: str
    phrases: Phrases
    entries: tuple[Entry, ...]


@dataclass(slots=True)
class Lexicon:
    """All phrases, ready to be looked up. `read` keeps what it has seen, since titles share their words."""

    by_first: dict[str, Phrases] = field(default_factory=dict)
    singles: dict[str, Entry] = field(default_factory=dict)
    endings: dict[str, Entry] = field(default_factory=dict)
    starts: dict[str, str] = field(default_factory=dict)
    feminine: dict[str, tuple[str, ...]] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    # the last letters of endings, and the first ones of starts: most words have neither
    _tails: frozenset[str] = frozenset()
    _heads: frozenset[str] = frozenset()
    _seen: dict[str, Word] = field(default_factory=dict)

    def open(self) -> None:
        """Makes ready for reading, once all phrases are there."""
        self._tails = frozenset(ending[-3:] for ending in self.endings)
        self._heads = frozenset(start[:2] for start in self.starts)

    def read(self, token: str) -> Word:
        """A token as a word."""
        word = self._seen.get(token)
        if word is None:
            word = self._seen[token] = self._read(token)
        return word

    def _read(self, token: str) -> Word:
        if token.isascii() and token.isalnum():
            folded = str.casefold(_INNER_CAPITAL.sub("", token) if token.endswith(("In", "Innen")) else token)
        else:
            folded = canonical(fold(_DOTS.sub("", _INNER_CAPITAL.sub("", _GENDER_END.sub("", token)))))
        if "." in token and (spelt := self.singles.get(fold(token))):
            # a.D. is no ad
            return Word(folded, folded, _NONE, (spelt,))
        base = self._base(folded)
        phrases = self.by_first.get(folded, _NONE)
        if base != folded:
            phrases = self.by_first.get(base, _NONE) | phrases
        return Word(folded, base, phrases, tuple(self._entries(folded, base)))

    def read_end(self, word: Word) -> tuple[Entry, ...]:
        """The word behind a hyphen, as the end of a compound: the chef of IT-chef cooks nothing."""
        found = self.endings.get(word.folded)
        return (found,) if found else word.entries

    def _entries(self, word: str, base: str) -> Iterator[Entry]:
        if _CJK.search(word) and word not in self.singles:
            yield from self._run(word)
            return
        found = self.singles.get(word) or self.singles.get(base)
        if found:
            if found.kind == "rank" and not found.function and not found.field:
                # projektledare: a word of its own, and of projects
                yield from (entry for entry in self._compound(word) if entry.field and entry.word != word)
            yield found
            return
        if word.startswith("ex") and len(word) > 4:
            # a word by itself, since an Exportleiter leads exports
            rest = self.singles.get(self._base(word[2:]))
            if rest and rest.kind == "rank":
                yield Entry("ex", sense="not_in_office")
                yield rest
                return
        yield from self._compound(word)

    def _base(self, word: str) -> str:
        """Director of directora, the word itself of any other; only roles have such forms."""
        if word in self.singles:
            return word
        for ending, bases in self.feminine.items():
            if word.endswith(ending) and len(word) > len(ending) + 3:
                for base in bases:
                    found = self.singles.get(word[: -len(ending)] + base)
                    if found and found.kind:
                        return found.word
        return word

    def _compound(self, word: str) -> Iterator[Entry]:
        """Vertriebsleiterin: sales, then head."""
        for form in dict.fromkeys((word, word.removesuffix("in"))):
            if form[-3:] not in self._tails:
                continue
            for cut in range(_SHORTEST_COMPOUND_START, len(form) - 2):
                found = self.endings.get(form[cut:])
                if found:
                    about = self._field(form[:cut]) or self._field(form[:cut].rstrip("s"))
                    if about:
                        yield Entry(form[:cut], field=about)
                    yield found
                    return
        about = self._field(word)
        yield Entry(word, field=about) if about else Entry(word)

    def _field(self, word: str) -> str:
        """The function that a word names by itself or by its beginning."""
        single = self.singles.get(word)
        if single and single.field:
            return single.field
        if word[:2] not in self._heads:
            return ""
        return next((self.starts[word[:end]] for end in range(len(word), 1, -1) if word[:end] in self.starts), "")

    def _run(self, run: str) -> Iterator[Entry]:
        """A run without blanks: its end says what it is, the rest says of what."""
        start = 0
        prefix = next((prefix for prefix in self.prefixes if run.startswith(prefix) and len(run) > len(prefix)), "")
        # 前端 (front end) begins with 前, and nobody left anything
        is_longer = any(run[:end] in self.singles for end in range(len(prefix) + 1, len(run) + 1))
        if prefix and not is_longer:
            yield Entry(prefix, sense="not_in_office")
            start = len(prefix)
        matches = [
            (end == len(run), end, end - begin, begin)
            for begin in range(start, len(run))
            for end in range(begin + 1, len(run) + 1)
            if run[begin:end] in self.endings
        ]
        cut, entry = len(run), None
        if matches:
            is_end, end, length, begin = max(matches)
            # of a run that no role ends, one in its middle counts if it is long enough to be no accident
            if is_end or length > 1:
                cut, entry = begin, self.endings[run[begin:end]]
        about = self._fields_within(run[start:cut])
        if about:
            yield Entry(run[start:cut], field=about)
        if entry and entry.kind:
            yield entry
        elif entry:
            # 社長室: where one works
            yield Entry(run, sense="office")
        elif not about:
            yield Entry(run)

    def _fields_within(self, text: str) -> str:
        """The last field of work that a text without blanks names, the longest where several end alike."""
        ends = (
            (begin + length, length, text[begin : begin + length])
            for begin in range(len(text))
            for length in range(1, len(text) - begin + 1)
        )
        named = [(end, length, self.singles[word].field) for end, length, word in ends if word in self.singles and self.singles[word].field]
        return max(named)[2] if named else ""


def build_lexicon(words: TitleWords, decision_makers: Sequence[str], influencers: Sequence[str]) -> Lexicon:
    """The words in force, and the phrases of icp_scoring.yaml, which say a level of their own."""
    entries = make_entries(words, decision_makers, influencers)
    lexicon = Lexicon(
        endings=dict(entries.endings), starts=entries.starts, feminine={fold(ending): bases for ending, bases in words.feminine.items()}
    )
    lexicon.prefixes = tuple(fold(prefix) for prefix in words.grammar.not_in_office_prefixes)
    for key, entry in sorted(entries.phrases.items(), key=lambda one: -len(one[0])):
        if len(key) > 1:
            lexicon.by_first.setdefault(key[0], {}).setdefault(key[1], []).append((key[2:], entry))
        if len(key) > 1 and all(len(word) == 1 for word in key):
            lexicon.singles.setdefault(" ".join(key), entry)
        if len(key) == 1:
            lexicon.singles[key[0]] = entry
            if _CJK.search(key[0]) and (entry.kind or entry.is_office):
                lexicon.endings.setdefault(key[0], entry)
    lexicon.open()
    return lexicon
