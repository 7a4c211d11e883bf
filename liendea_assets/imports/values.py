"""One value of a cell to one value of ours. Each parser returns None for an empty cell and raises ValueError with the reason.

Here are text, profiles and dates; names, addresses, domains, telephones and numbers have modules of their own.
"""

import math
import re
import unicodedata
from datetime import date, datetime
from urllib.parse import unquote

import pandas as pd

_BLANKS = re.compile(r"\s+")
_SLUG = re.compile(r"(?<![\w-])linkedin\.com/in/([^/?#\s\"'<>)\]]+)", re.IGNORECASE)
# Text in letters that have one form only, with single blanks between: nothing is left to clean. Other scripts are looked at one by one.
_CLEAN = "[!-~À-ɏЀ-џ一-鿿가-힣]+(?: [!-~À-ɏЀ-џ一-鿿가-힣]+)*"
_PLAIN_PROFILE = r"(?:[Hh][Tt][Tt][Pp][Ss]?://)?(?:[A-Za-z]{2,3}\.)?[Ll]inked[Ii]n\.com/in/[A-Za-z0-9-]+/?"


def clean_texts(texts: pd.Series) -> pd.Series:
    """`clean_text` of each of many texts (`str`); missing where nothing is left."""
    is_clean = texts.str.fullmatch(_CLEAN)
    if is_clean.all():
        return texts
    cleaned = texts.where(is_clean)
    odd = texts[~is_clean.astype(bool)].dropna()
    cleaned[odd.index] = pd.Series([clean_text(text) for text in odd], index=odd.index, dtype="str")
    return cleaned


def clean_text(value: object) -> str | None:
    """Any cell as text: blanks folded, invisible characters dropped, whole numbers without `.0`; None when nothing is left."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "".join(char for char in str(value) if unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cn") or char in "\t\n\r")
    # after the invisible characters are gone: one of them may stand between a letter and its accent
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip() or None


def parse_linkedin_id(text: str) -> str:
    """The slug of a profile address, lower-cased and percent-decoded: every spelling of one address gives the same slug.

    Raises:
        ValueError: no address of a personal profile (`…/in/<slug>`).
    """
    match = _SLUG.search(text)
    slug = unicodedata.normalize("NFC", unquote(match.group(1))).strip().lower() if match else ""
    if not slug:
        raise ValueError("not the address of a LinkedIn profile (…/in/name)")
    return slug


def find_plain_profiles(texts: pd.Series) -> pd.Series:
    """Of plain addresses of profiles the slug; missing where `parse_linkedin_id` must look.

    Args:
        texts: distinct values, `str`.
    """
    plain = texts.where(texts.str.fullmatch(_PLAIN_PROFILE)).str.lower()
    return plain.str.rstrip("/").str.replace("^.*/", "", regex=True)


def parse_date(value: object, formats: tuple[str, ...]) -> str:
    """A date as `YYYY-MM-DD`, from a date or from text in one of the formats.

    Raises:
        ValueError: none of the formats fits.
    """
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    for form in formats:
        try:
            # a date without time has no zone
            return datetime.strptime(str(value).strip(), form).date().isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    raise ValueError("not a date")
