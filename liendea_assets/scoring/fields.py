"""What rules can look at: the fields of a contact, and the names by which their texts are found in lists."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.scoring.taxonomy import Taxonomy
from liendea_assets.scoring.title_words import TitleWords
from liendea_assets.scoring.titles import classify_titles

FieldName = Literal[
    "employee_count", "revenue", "growth_rate", "industry", "title", "function", "country", "gtm_segment", "company_domain",
    "connection_strength", "account_contacts", "account_strength",
]  # fmt: skip
LEVELS = ("decision_maker", "influencer", "individual_contributor", "not_a_prospect")


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        label: as people call it.
        column: of the contacts' frame.
        source: its key in `sources` of enriched_contacts, or the one source that it always has, in brackets.
        low, high: the least and the most that a number can be; None where there is no such end.
    """

    label: str
    column: str
    source: str
    is_text: bool = False
    is_whole: bool = False
    low: float | None = None
    high: float | None = None


FIELDS: dict[str, Field] = {
    "employee_count": Field("Employees", "employee_count", "employee_count", is_whole=True, low=0),
    "revenue": Field("Yearly revenue", "revenue_range", "revenue_range", low=0),
    "growth_rate": Field("Yearly growth", "growth_rate", "growth_rate"),
    "industry": Field("Industry", "industry", "industry", is_text=True),
    "title": Field("Title", "title", "title", is_text=True),
    "function": Field("Function", "title", "title", is_text=True),
    "country": Field("Country", "country", "country", is_text=True),
    "gtm_segment": Field("Segment", "gtm_segment", "[gtm]", is_text=True),
    "company_domain": Field("Company's domain", "company_domain", "company_domain", is_text=True),
    "connection_strength": Field("Connection strength", "connection_strength", "[linkedin]", low=0, high=10),
    "account_contacts": Field("Contacts at the company", "account_contacts", "[contacts]", is_whole=True, low=1),
    "account_strength": Field("Strongest tie to the company", "account_strength", "[linkedin]", low=0, high=10),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A text, the folded names under which lists find it, and what the rule's words add."""

    names: frozenset[str]
    note: str = ""


Values = npt.NDArray[np.float64] | list[Named]


@dataclass(frozen=True, slots=True)
class Known:
    """A field of all contacts, by its distinct values.

    Attributes:
        codes: per contact the position of its value, -1 where it is not known.
        values: what rules compare.
        shown: the same values as they are stored in parts.
    """

    codes: npt.NDArray[np.int64]
    values: Values
    shown: list[object]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that the settings know: industries, and the words of titles."""

    taxonomy: Taxonomy
    decision_makers: tuple[str, ...]
    influencers: tuple[str, ...]
    titles: TitleWords

    def wanted(self, field: str, names: Sequence[str]) -> frozenset[str]:
        """The names of a list, as `Named.names` spells them."""
        if field == "industry":
            return frozenset(self.taxonomy.one_name(name) for name in names)
        if field == "company_domain":
            return frozenset(name.lower().strip().removeprefix("www.") for name in names)
        return frozenset(fold(name) for name in names)

    def known(self, field: str, contacts: pd.DataFrame) -> Known:
        """A field of the contacts; a column that is missing is not known of anybody."""
        column = FIELDS[field].column
        if column not in contacts:
            return Known(np.full(len(contacts), -1), [] if FIELDS[field].is_text else np.array([]), [])
        if field == "revenue":
            return _revenues(contacts[column])
        if FIELDS[field].is_text:
            codes, distinct = pd.factorize(contacts[column].astype(object))
            texts = [str(text) for text in distinct]
            if field == "function":
                return self._functions(codes, texts)
            return Known(codes, self.named(field, texts), list(texts))
        codes, numbers = pd.factorize(pd.to_numeric(contacts[column]).astype("Float64").to_numpy(dtype=float, na_value=np.nan))
        shown: list[object] = [int(number) if FIELDS[field].is_whole else float(number) for number in numbers]
        return Known(codes, np.asarray(numbers, dtype=float), shown)

    def named(self, field: str, texts: list[str]) -> list[Named]:
        """Texts by the names under which lists find them."""
        return _NAMES[field](self, texts) if field in _NAMES else [Named(frozenset([fold(text)])) for text in texts]

    def _titles(self, texts: list[str]) -> list[Named]:
        classified = self._classify(texts)
        phrases = [phrase if isinstance(phrase, str) and phrase else None for phrase in classified["phrase"]]
        return [
            Named(frozenset([fold(str(level))]), f' by "{phrase}"' if phrase else "")
            for level, phrase in zip(classified["level"], phrases, strict=True)
        ]

    def _functions(self, codes: npt.NDArray[np.int64], texts: list[str]) -> Known:
        """By the title; a title that names none is known, and of no function."""
        classified = self._classify(texts)
        functions = classified["function"] if "function" in classified else pd.Series([None] * len(texts), dtype=object)
        names = [name if isinstance(name, str) and name else "none" for name in functions]
        position, distinct = pd.factorize(np.array(names, dtype=object))
        found = [str(name) for name in distinct]
        # -1 picks the last one, which is the unknown
        return Known(np.append(position, -1)[codes], [Named(frozenset([fold(name)])) for name in found], list(found))

    def _industries(self, texts: list[str]) -> list[Named]:
        named = []
        for text in texts:
            names = self.taxonomy.names(text)
            note = f" as {self.taxonomy.shown[names[0]]}" if names[0] in self.taxonomy.shown and names[0] != fold(text) else ""
            named.append(Named(frozenset(names), note))
        return named

    def _domains(self, texts: list[str]) -> list[Named]:
        """A domain is found under its own name and under each domain above it."""
        parted = [text.lower().strip().removeprefix("www.").split(".") for text in texts]
        return [Named(frozenset(".".join(labels[start:]) for start in range(len(labels)))) for labels in parted]

    def _classify(self, texts: list[str]) -> pd.DataFrame:
        return classify_titles(pd.Series(texts, dtype="str"), self.decision_makers, self.influencers, self.titles)


_NAMES: dict[str, Callable[[Vocabulary, list[str]], list[Named]]] = {
    "title": Vocabulary._titles,  # noqa: SLF001 its own
    "industry": Vocabulary._industries,  # noqa: SLF001
    "company_domain": Vocabulary._domains,  # noqa: SLF001
}

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)([KMBT]?)")
_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def revenue_amount(text: str) -> float | None:
    """A revenue as the imports spell it, in its own currency: of a range the middle, of `<$1M` the half, of `€5M+` its lower end.

    None for what holds no amount.
    """
    amounts = [float(number) * _UNITS[unit] for number, unit in _AMOUNT.findall(text)]
    if not 1 <= len(amounts) <= 2:
        return None
    return sum(amounts) / len(amounts) / (2 if text.startswith("<") else 1)


def _revenues(ranges: pd.Series) -> Known:
    codes, distinct = pd.factorize(ranges.astype(object))
    amounts = [revenue_amount(str(text)) for text in distinct]
    is_known = np.array([amount is not None for amount in amounts] + [False], dtype=bool)
    # what holds no amount is unknown; the distinct values that are left keep their order
    position = np.where(is_known, np.cumsum(is_known) - 1, -1)
    found = [(amount, str(text)) for amount, text in zip(amounts, distinct, strict=True) if amount is not None]
    return Known(position[codes], np.array([amount for amount, _ in found], dtype=float), [text for _, text in found])
