"""Which companies are likely, and not surely, one: pairs with their evidence, for a human to decide.

Strict on purpose: of two companies that each have a web address of their own, alike names tell little, as Hansen Labs and Hanson Labs.
Every rule finds its pairs by equal keys, so that the work grows with the companies and not with their pairs.
"""

import json
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.grouping import Ints, distinct_pairs
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.settings import ImportSettings

# What a human can look through; the likeliest come first.
MOST_PAIRS = 500
LEAST_PROBABILITY = 0.5
# A key that more companies share tells nothing about two of them.
MOST_NAMESAKES = 4
# In a shorter name one letter more or less is another name: Orbit and Orbis.
SHORTEST_WITH_TYPO = 8
LONGEST_WITH_TYPO = 60
SHORTEST_LABEL = 5
# Words at the end of a name that a part of a company has, or its owner.
_UNITS = ("group", "gruppe", "groupe", "holding", "holdings", "international", "global", "worldwide", "europe", "emea", "americas", "apac")

SAME_NAME = "same name"
SAME_LABEL = "same web address but for its ending"
NAME_IS_LABEL = "the name of one is the web address of the other"
PLURAL = "same name but for an s"
TYPO = "names one letter apart"
UNIT = "same name but for a country, group or holding"
# Reason → how often such a pair is one company where one of them has no web address, and where both have their own: below what was found
# among 10,000 invented companies of which one in twenty had a second spelling. None where the list would be mostly wrong.
PROBABILITY: dict[str, tuple[float, float | None]] = {
    SAME_NAME: (0.6, 0.55),
    SAME_LABEL: (0.9, 0.9),
    NAME_IS_LABEL: (0.85, None),
    PLURAL: (0.85, None),
    TYPO: (0.6, None),
    UNIT: (0.7, None),
}
# A person who has worked at both of two companies with alike names hardly changed to a namesake.
WITH_SHARED_PEOPLE = 0.95
_COLUMNS = ("left_id", "right_id", "probability", "evidence")


def likely_companies(
    companies: pd.DataFrame, people: pd.DataFrame, parted: Collection[tuple[int, ...]], settings: ImportSettings
) -> pd.DataFrame:
    """The pairs for the review list: `left_id`, `right_id` (the larger), `probability`, `evidence` (JSON list of short sentences).

    Args:
        companies: `id` (int64), `name`, `domain` (text, missing where unknown); without those that are part of another.
        people: `company` (an id) and `slug` (a hash), both int64: who is known to have worked where; 0 where unknown.
        parted: pairs of ids, the smaller first, that a human says are two.
    """
    texts = _texts(companies, settings)
    by_name = [
        _sharing(texts["key"], SAME_NAME),
        _sharing(texts["key"].str.replace(r"s$", "", regex=True), PLURAL),
        _one_letter_apart(texts),
    ]
    # what one rule finds exactly, the next one finds nearly
    names = pd.concat(by_name, ignore_index=True).drop_duplicates(["left", "right"])
    others = [
        _same_label(texts),
        _crossing(texts["key"].where(texts["domain"].isna()), texts["label"], NAME_IS_LABEL),
        _crossing(texts["key"], texts["core"], UNIT),
    ]
    pairs = pd.concat([names, *others], ignore_index=True)
    return pd.DataFrame({name: pd.Series(dtype=object) for name in _COLUMNS}) if pairs.empty else _weighed(texts, pairs, people, parted)


def _texts(companies: pd.DataFrame, settings: ImportSettings) -> pd.DataFrame:
    """What is compared of each company: the name's key, also without the words of a unit; the web address's label."""
    texts = companies.sort_values("id").reset_index(drop=True)
    words = NameKeys(settings).company_words(texts["name"].astype("str"))
    # not their codes: a company's IT is seldom in Italy
    places = {fold(name) for names in settings.country_names.values() for name in names}
    core = _without_units(words, places | set(_UNITS))
    label = texts["domain"].astype("str").str.replace(r"\..*$|-", "", regex=True)
    # a company that is known by its web address alone has no name of its own to compare
    is_nameless = (texts["name"] == texts["domain"]).fillna(False)
    return texts.assign(
        key=words.str.replace(" ", "", regex=False).mask(is_nameless),
        core=core.str.replace(" ", "", regex=False).mask(is_nameless),
        label=label.where(label.str.len() >= SHORTEST_LABEL),
    )


def _without_units(keys: pd.Series, units: Collection[str]) -> pd.Series:
    """Names that end with words of a unit, without them; missing for all others."""
    longest = max(len(unit.split()) for unit in units)
    shortened: list[str | None] = []
    for key in keys:
        words = key.split() if isinstance(key, str) else []
        kept = next((words[:-size] for size in range(min(longest, len(words) - 1), 0, -1) if " ".join(words[-size:]) in units), None)
        shortened.append(" ".join(kept) if kept else None)
    return pd.Series(shortened, index=keys.index, dtype="str")


def _sharing(key: pd.Series, reason: str) -> pd.DataFrame:
    """Positions of two that share a key which few share."""
    return _pairs(*_equal(pd.factorize(key)[0].astype(np.int64)), reason)


def _equal(codes: Ints) -> tuple[Ints, Ints]:
    """Positions of two with the same code, the smaller first; -1 is no code, and one that more than a few have is none either."""
    counts = np.bincount(codes[codes >= 0], minlength=1)
    places = np.flatnonzero((codes >= 0) & (counts[codes] >= 2) & (counts[codes] <= MOST_NAMESAKES))
    places = places[np.argsort(codes[places], kind="stable")]
    left, right = [], []
    for distance in range(1, MOST_NAMESAKES):
        is_equal = codes[places[distance:]] == codes[places[:-distance]]
        left.append(places[:-distance][is_equal])
        right.append(places[distance:][is_equal])
    return np.concatenate(left), np.concatenate(right)


def _same_label(texts: pd.DataFrame) -> pd.DataFrame:
    """acme.com and acme.de, where the names agree as far as the shorter one goes: delta.com and delta.io may be anybody."""
    pairs = _sharing(texts["label"], SAME_LABEL)
    names = texts["key"].fillna("").to_numpy(dtype=object)
    agree = [
        bool(one) and bool(other) and (one.startswith(other) or other.startswith(one))
        for one, other in zip(names[pairs["left"]], names[pairs["right"]], strict=True)
    ]
    return pairs[np.array(agree, dtype=bool)]


def _crossing(one: pd.Series, other: pd.Series, reason: str) -> pd.DataFrame:
    """Positions of two where the one's first key is the other's second; only where neither stands for more than one company."""
    codes, keys = pd.factorize(pd.concat([one, other], ignore_index=True))
    places = []
    for side in (codes[: len(one)], codes[len(one) :]):
        counts = np.bincount(side[side >= 0], minlength=len(keys))
        place = np.full(len(keys), -1, dtype=np.int64)
        place[side[side >= 0]] = np.flatnonzero(side >= 0)
        places.append(np.where(counts == 1, place, -1))
    is_met = (places[0] >= 0) & (places[1] >= 0) & (places[0] != places[1])
    return _pairs(np.minimum(*places)[is_met], np.maximum(*places)[is_met], reason)


def _one_letter_apart(texts: pd.DataFrame) -> pd.DataFrame:
    """Names of which one has a letter more, less, changed, or swapped with its neighbour; never the first one, never a digit.

    Two such names are equal once the right letter is left out of each, so these shortened names are the keys.
    """
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    names = texts["key"][texts["key"].str.len().between(SHORTEST_WITH_TYPO, LONGEST_WITH_TYPO)]
    shortened, places = [], []
    for place, name in names.items():
        # letters that repeat give the same name whichever of them is left out
        shortened += [name[:at] + name[at + 1 :] for at in range(1, len(name)) if at + 1 == len(name) or name[at] != name[at + 1]]
        shortened.append(name)
        places.append((place, len(shortened)))
    if not places:
        return _pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), TYPO)
    ends = np.array([end for _, end in places], dtype=np.int64)
    of = np.repeat(np.array([place for place, _ in places], dtype=np.int64), np.diff(ends, prepend=0))
    codes = pd.factorize(pd.util.hash_array(np.array(shortened, dtype=object), categorize=False))[0].astype(np.int64)
    left, right = distinct_pairs(*(of[side] for side in _equal(codes)))
    key = texts["key"].to_numpy(dtype=object)
    is_one = cpdist(key[left], key[right], scorer=OSA.distance) == 1 if len(left) else np.zeros(0, dtype=bool)
    left, right = left[is_one], right[is_one]
    numbers = texts["key"].str.replace(r"\D", "", regex=True).to_numpy(dtype=object)
    has_same_numbers = np.asarray(numbers[left] == numbers[right], dtype=bool)
    return _pairs(left[has_same_numbers], right[has_same_numbers], TYPO)


def _pairs(left: Ints, right: Ints, reason: str) -> pd.DataFrame:
    return pd.DataFrame({"left": left, "right": right, "reason": pd.Series(reason, index=range(len(left)), dtype="str")})


def _weighed(texts: pd.DataFrame, pairs: pd.DataFrame, people: pd.DataFrame, parted: Collection[tuple[int, ...]]) -> pd.DataFrame:
    ids = texts["id"].to_numpy(dtype=np.int64)
    pairs = pairs.assign(left_id=ids[pairs["left"]], right_id=ids[pairs["right"]])
    is_parted = [pair in parted for pair in zip(pairs["left_id"].tolist(), pairs["right_id"].tolist(), strict=True)]
    pairs = pairs[~np.array(is_parted, dtype=bool)].reset_index(drop=True)
    domains = texts["domain"].to_numpy(dtype=object)
    has_both = ~pd.isna(domains[pairs["left"]]) & ~pd.isna(domains[pairs["right"]])
    chances = [PROBABILITY[reason][int(both)] for reason, both in zip(pairs["reason"], has_both, strict=True)]
    chance = np.array([np.nan if one is None else one for one in chances], dtype=np.float64)
    is_typo = (pairs["reason"] == TYPO).to_numpy() & ~has_both
    by_chance = _chance_of_typo(int(is_typo.sum()), int(((pairs["reason"] == TYPO) & has_both).sum()), float((~pd.isna(domains)).mean()))
    chance[is_typo] = np.nan if by_chance is None else by_chance
    pairs = pairs.assign(chance=chance, has_both=has_both)
    weighed = pairs.groupby(["left_id", "right_id"], as_index=False).agg(
        probability=("chance", "max"), reasons=("reason", list), has_both=("has_both", "first")
    )
    weighed["shared"] = _shared_people(weighed, people)
    weighed.loc[weighed["shared"] > 0, "probability"] = WITH_SHARED_PEOPLE
    chosen = weighed[weighed["probability"].notna()].sort_values(["probability", "left_id", "right_id"], ascending=[False, True, True])
    chosen = chosen.head(MOST_PAIRS).reset_index(drop=True)
    evidence = [
        json.dumps(list(_sentences(reasons, int(count), bool(both))))
        for reasons, count, both in zip(chosen["reasons"], chosen["shared"], chosen["has_both"], strict=True)
    ]
    return chosen.assign(evidence=pd.Series(evidence, index=chosen.index, dtype="str"))[list(_COLUMNS)]


def _chance_of_typo(found: int, unlike: int, known: float) -> float | None:
    """How often names one letter apart are one company; None where mostly not.

    Two companies with a web address each are two, however alike their names. So their pairs tell how many of the others are alike by
    chance: where companies are called after people, nearly all of them.

    Args:
        found: pairs where one has no web address.
        unlike: pairs where both have one.
        known: share of companies with a web address.
    """
    usual = PROBABILITY[TYPO][0]
    if not found or not known:
        # nothing to compare with
        return usual
    alike_by_chance = unlike * (1 - known**2) / known**2
    share = min(usual, 1 - alike_by_chance / found)
    return share if share >= LEAST_PROBABILITY else None


def _shared_people(pairs: pd.DataFrame, people: pd.DataFrame) -> Ints:
    """How many people of each pair's companies are known at both."""
    is_known = (people["slug"] != 0) & people["company"].isin(np.unique(pairs[["left_id", "right_id"]].to_numpy()))
    known = people[is_known].drop_duplicates(["slug", "company"])
    sides = pairs[["left_id", "right_id"]].reset_index()
    met = sides.merge(known, left_on="left_id", right_on="company").merge(known, left_on=["right_id", "slug"], right_on=["company", "slug"])
    counted = met.groupby("index").size()
    return np.asarray(counted.reindex(range(len(pairs)), fill_value=0), dtype=np.int64)


def _sentences(reasons: Sequence[str], shared: int, has_both: bool) -> Iterator[str]:
    yield from reasons
    yield "both have a web address" if has_both else "one has no web address"
    if shared:
        yield f"{shared} {'person' if shared == 1 else 'people'} known at both"
