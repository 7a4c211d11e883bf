"""How senior a job title is: decision maker, influencer or neither, and which words decided.

Whole words count, never parts of words (`VPN Engineer` is no VP), and the longest phrase wins. Who serves somebody is not that
somebody (`Assistant to the VP`), and who is not in office is none (`Former CEO`).
"""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

import pandas as pd

from liendea_assets.core.text import fold

DECISION_MAKER, INFLUENCER, OTHER = "decision_maker", "influencer", "other"

_ROLES = re.compile(r"\s*(?:[|•·;/]|\s[-–—]\s)\s*")
# the separators stay, as parts of their own
_PARTS = re.compile(r"([,|•·;/]|\s[-–—]\s)")
# what follows names the person served, not the holder of the title
_SERVES = re.compile(r"\b(?:(?:assistant|ea|pa|secretary|aide|adviser|advisor|reporting) to|office of|on behalf of|for the)\b.*")
_ASSISTANT_VP = re.compile(r"\bassistant (?:vice president|vp)\b")
_VICE_PRESIDENT = re.compile(r"\b(?:vice president|v p)\b")
_NOT_IN_OFFICE = frozenset(["former", "formerly", "past", "retired", "aspiring", "future"])
# whoever is one of these serves whomever the rest of the title names
_SERVANTS = frozenset(["assistant", "secretary", "pa", "ea", "aide"])

_CHIEFS = {
    "ceo": "executive", "cto": "technology", "cfo": "financial", "coo": "operating", "cmo": "marketing", "cro": "revenue",
    "cio": "information", "ciso": "information security", "cpo": "product", "chro": "human resources", "cdo": "data",
    "cso": "strategy", "cco": "commercial", "cxo": "experience",
}  # fmt: skip
_WORDS = {
    **{short: f"chief {what} officer" for short, what in _CHIEFS.items()},
    "svp": "senior vp",
    "evp": "executive vp",
    "avp": "assistant vp",
    "dir": "director",
    "sr": "senior",
    "jr": "junior",
    "mgr": "manager",
}


def classify_titles(titles: pd.Series, decision_makers: Sequence[str], influencers: Sequence[str]) -> pd.DataFrame:
    """`level` (missing where the title is) and `phrase` (the words that decided, empty for other) per title; same index.

    Each distinct title is looked at once, so a million contacts cost what their distinct titles cost.
    """
    phrases = [
        *((_words(phrase), DECISION_MAKER, phrase) for phrase in decision_makers),
        *((_words(phrase), INFLUENCER, phrase) for phrase in influencers),
    ]
    # the longest first; between equals the decision makers, which were put first
    phrases.sort(key=lambda entry: -len(entry[0]))
    verdicts = {title: _classify(str(title), phrases) for title in titles.dropna().unique()}
    return pd.DataFrame(
        {
            "level": titles.map({title: level for title, (level, _) in verdicts.items()}).astype(object),
            "phrase": titles.map({title: phrase for title, (_, phrase) in verdicts.items()}).astype(object),
        },
        index=titles.index,
    )


def _classify(title: str, phrases: Iterable[tuple[list[str], str, str]]) -> tuple[str, str]:
    """The best of the roles in a title, up to the part that names a servant: `Executive Assistant - CEO` is no chief."""
    parts = list(takewhile(lambda part: not _is_servant(part), _PARTS.split(title)))
    verdicts = [_classify_role(_words(role), phrases) for role in _ROLES.split("".join(parts))]
    rank = (DECISION_MAKER, INFLUENCER, OTHER)
    return min(verdicts, key=lambda verdict: rank.index(verdict[0]))


def _is_servant(part: str) -> bool:
    words = fold(part)
    return bool(_SERVANTS & set(words.split())) and not _ASSISTANT_VP.search(words)


def _classify_role(words: list[str], phrases: Iterable[tuple[list[str], str, str]]) -> tuple[str, str]:
    if _NOT_IN_OFFICE & set(words):
        return OTHER, ""
    for phrase, level, name in phrases:
        starts = [start for start in range(len(words)) if phrase and words[start : start + len(phrase)] == phrase]
        # "ex-VP Sales" is none any more, "ex-Google, VP Product" is
        if any(start == 0 or words[start - 1] != "ex" for start in starts):
            return level, name
    return OTHER, ""


def _words(text: str) -> list[str]:
    """Folded words, abbreviations spelt out, without whom the holder serves."""
    spelt = " ".join(_WORDS.get(word, word) for word in fold(text).split())
    spelt = _VICE_PRESIDENT.sub("vp", spelt)
    return _SERVES.sub("", spelt).split()
