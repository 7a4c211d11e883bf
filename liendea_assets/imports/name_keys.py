"""Spellings that stand for one name: of people nicknames, word order and umlauts; of companies legal forms, short words and blanks."""

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.text_columns import fold_column

# How German letters are written where a keyboard lacks them. Both spellings lose the e, so that Mueller, Müller and Muller are one.
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
# The same within the words of companies, but for what is no umlaut: Blue, Queen, Value, Noel.
_UMLAUT = re.compile(r"(?<=[^aeiouq])([aou])e(?=[^aeiou])")
# Words that some spellings of a company have and others leave out; first in a name they may be the name, as in `Y Combinator`.
_CONNECTIVES = frozenset({"and", "und", "et", "y", "e", "och", "og", "en"})
_ARTICLES = frozenset({"the", "der", "die", "das"})


class NameKeys:
    """Keys of names; names with equal keys may be one name."""

    def __init__(self, settings: ImportSettings) -> None:
        self._given = {fold(short): fold(full) for full, shorts in settings.nicknames.items() for short in shorts}
        # names share their words
        self._spellings: dict[str, str] = {}
        self._companies: dict[str, str | None] = {}
        self._word = {fold(short): fold(full) for full, shorts in settings.company_words.items() for short in shorts}
        # `Int'l` is two words without its apostrophe
        self._words = {f" {short} ": f" {full} " for short, full in self._word.items() if " " in short}
        # without blanks, so that `S.A.`, `S. A.` and `SA` are one
        self._legal = {_run_together(form) for form in settings.legal_forms}
        self._leading = {_run_together(form) for form in settings.leading_legal_forms}
        self._longest = max(map(len, self._legal), default=0)

    def person(self, full_name: str) -> str:
        """`Liz Q. ÅBERG-Müller` → `aberg elizabeth muller`; an initial in the middle does not count."""
        return self._person(fold(full_name))

    def company(self, name: str) -> str:
        """`The Åberg & Sons Intl., Inc.` → `abergsonsinternational`; a name that is nothing but legal forms and connectives stays."""
        return self._company(fold(name))

    def people(self, names: pd.Series) -> tuple[pd.Series, pd.Series]:
        """For a column of full names the keys, and the short ones: `Liz Åberg` and `E. Aberg` → `e aberg`; missing for a single word."""
        codes, folded = _distinct(names)
        keys = [self._person(name) or None for name in folded]
        short = [self._short_person(name) for name in folded]
        return _spread(keys, codes, names.index), _spread(short, codes, names.index)

    def companies(self, names: pd.Series) -> pd.Series:
        """`company` for a column."""
        codes, folded = _distinct(names)
        for name in folded:
            if name not in self._companies:
                self._companies[name] = self._company(name) or None
        return _spread([self._companies[name] for name in folded], codes, names.index)

    def company_words(self, names: pd.Series) -> pd.Series:
        """As `companies`, with blanks between the words."""
        codes, folded = _distinct(names)
        return _spread([" ".join(self._company_words(name)) or None for name in folded], codes, names.index)

    def _person(self, folded: str) -> str:
        words = [self._spelling(word) for word in folded.split()]
        long = [word for word in words if len(word) > 1]
        return " ".join(sorted(long if len(long) > 1 else words))

    def _short_person(self, folded: str) -> str | None:
        words = folded.split()
        return f"{self._spelling(words[0])[0]} {self._spelling(words[-1])}" if len(words) > 1 else None

    def _company(self, folded: str) -> str:
        return "".join(self._company_words(folded))

    def _company_words(self, folded: str) -> list[str]:
        for short, full in self._words.items():
            folded = f" {folded} ".replace(short, full)
        words = folded.split()
        while size := self._legal_size(words):
            words = words[:-size]
            # the `und` of GmbH und Co.
            words = words[:-1] if len(words) > 1 and words[-1] in _CONNECTIVES else words
        if len(words) > 1 and words[0] in self._leading:
            words = words[1:]
        telling = [word for place, word in enumerate(words) if word not in _ARTICLES and not (place and word in _CONNECTIVES)]
        return [_UMLAUT.sub(r"\1", self._word.get(word, word)) for word in telling or words]

    def _legal_size(self, words: list[str]) -> int:
        """How many words at the end are a legal form, the longest one that leaves a name before it; 0 for none."""
        found, tail = 0, ""
        for size in range(1, len(words)):
            tail = words[-size] + tail
            if len(tail) > self._longest:
                break
            if tail in self._legal:
                found = size
        return found

    def _spelling(self, word: str) -> str:
        known = self._spellings.get(word)
        if known is None:
            known = self._given.get(word, word)
            for digraph, letter in _UMLAUTS:
                known = known.replace(digraph, letter)
            self._spellings[word] = known
        return known


def _run_together(form: str) -> str:
    return fold(form).replace(" ", "")


def _distinct(names: pd.Series) -> tuple[npt.NDArray[np.int64], list[str]]:
    """The place of each value among the distinct ones (-1 for a missing one), and those, folded."""
    codes, values = pd.factorize(names)
    return codes.astype(np.int64), fold_column(pd.Series(values, dtype="str")).tolist()


def _spread(keys: list[str | None], codes: npt.NDArray[np.int64], index: pd.Index) -> pd.Series:
    # the last one is what -1, missing, points to
    return pd.Series([*keys, None], dtype="str").take(codes).set_axis(index)
