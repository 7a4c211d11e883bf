"""Comparing text the way a person would, without case, accents, punctuation and odd blanks; and text that no spreadsheet computes."""

import re
import unicodedata

# A spreadsheet program takes a cell that begins with one of these for a formula; full-width forms too.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

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


def plain_cell(value: object) -> object:
    """A cell of a CSV that no spreadsheet program takes for a formula; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
