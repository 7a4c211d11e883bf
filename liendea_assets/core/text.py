"""Comparing text the way a person would: without case, accents, punctuation and odd blanks."""

import re
import unicodedata

_NOT_WORD = re.compile(r"[^\w]+|_")


def fold(text: str) -> str:
    """Lower-cased words without accents or punctuation, one blank apart: `Zoë O'Brien-Łuk` → `zoe o brien luk`.

    Letters of every script stay. Folding twice is folding once.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(_NOT_WORD.sub(" ", bare.casefold().translate(_UNDECOMPOSED)).split())


# Letters that Unicode does not decompose, with the spelling that people use in their place.
_UNDECOMPOSED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
