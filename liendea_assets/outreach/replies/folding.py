"""One spelling for text that patterns look at: no case, no accents, plain quotes and blanks."""

import re
import unicodedata
from functools import cache

# letters that Unicode takes for whole ones, and that people write without their stroke
_LETTERS = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
    "’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‹": "'", "›": "'",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-",
})  # fmt: skip
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def fold(text: str) -> str:
    """The text in small letters without accents; line ends stay."""
    lowered = _INVISIBLE.sub("", text).casefold().translate(_LETTERS)
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(letter))
    return re.sub(r"[^\S\n]+", " ", plain)


@cache
def pattern(*alternatives: str) -> re.Pattern[str]:
    """One pattern of several, each written as people write; it is compared with folded text.

    Only small letters stand after a backslash in them, since folding knows no large ones.
    """
    return re.compile("|".join(f"(?:{fold(one)})" for one in alternatives))
