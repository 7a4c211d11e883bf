"""Spellings that stand for one name: nicknames, word order, accents and umlauts of people; legal forms and connectives of companies."""

from collections.abc import Callable

import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.settings import ImportSettings

# How German letters are written where a keyboard lacks them. Both spellings lose the e, so that Mueller, Müller and Muller are one.
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
# Words that some spellings of a company have and others leave out.
_CONNECTIVES = frozenset({"and", "und", "et", "y", "the", "der", "die", "das"})


class NameKeys:
    """Keys of names; names with equal keys may be one name."""

    def __init__(self, settings: ImportSettings) -> None:
        self._given = {fold(short): fold(full) for full, shorts in settings.nicknames.items() for short in shorts}
        self._legal = sorted((fold(form).split() for form in settings.legal_forms), key=len, reverse=True)

    def person(self, full_name: str) -> str:
        """`Liz Q. ÅBERG-Müller` → `aberg elizabeth muller`; an initial in the middle does not count."""
        words = [self._spelling(word) for word in fold(full_name).split()]
        long = [word for word in words if len(word) > 1]
        return " ".join(sorted(long if len(long) > 1 else words))

    def short_person(self, full_name: str) -> str:
        """The first letter of the first name and the last name: `Liz Åberg` and `E. Aberg` → `e aberg`; empty for a single word."""
        words = fold(full_name).split()
        return f"{self._spelling(words[0])[0]} {self._spelling(words[-1])}" if len(words) > 1 else ""

    def company(self, name: str) -> str:
        """`The Åberg & Sons, Inc.` → `aberg sons`; a name that is nothing but legal forms and connectives stays."""
        words = fold(name).split()
        while True:
            form = next((form for form in self._legal if len(words) > len(form) and words[-len(form) :] == form), None)
            if form is None:
                break
            words = words[: -len(form)]
        return " ".join([word for word in words if word not in _CONNECTIVES] or words)

    def _spelling(self, word: str) -> str:
        word = self._given.get(word, word)
        for digraph, letter in _UMLAUTS:
            word = word.replace(digraph, letter)
        return word


def map_distinct(column: pd.Series, key: Callable[[str], str]) -> pd.Series:
    """A key per value, computed once per distinct value; missing where the value is missing or the key empty."""
    codes, values = pd.factorize(column)
    keys = pd.Series([key(str(value)) or None for value in values], dtype="str")
    return keys.take(codes).set_axis(column.index) if len(keys) and (codes >= 0).all() else keys.reindex(codes).set_axis(column.index)
