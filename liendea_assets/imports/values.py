"""One value of a cell to one value of ours. Each parser returns None for an empty cell and raises ValueError with the reason."""

import math
import re
import unicodedata
from datetime import date, datetime
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

_BLANKS = re.compile(r"\s+")
_SLUG = re.compile(r"linkedin\.com/in/([^/?#\s]+)", re.IGNORECASE)
_DOMAIN = re.compile(r"^(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])$")
_NUMBER = r"(\d[\d.,' ]*)\s*([km]?)"
_COUNT = re.compile(rf"^[~≈]?\s*{_NUMBER}\s*(?:(?:-|–|—|to)\s*{_NUMBER})?\s*\+?\s*(?:employees|people|staff|fte)?$", re.IGNORECASE)
_PERCENT = re.compile(r"^([+-]?\d+(?:[.,]\d+)?)\s*(%?)$")
_BRACKETED = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_CREDENTIALS = re.compile(r"\s*,.*$")
_MULTIPLE = {"": 1, "k": 1_000, "m": 1_000_000}

# Above this a growth given as a plain number is meant in percent: nobody tracks a company that grew thirtyfold as a fraction.
LARGEST_GROWTH_FRACTION = 2.0
# Several times the largest employer there is (about 2 million); a telephone number in the wrong column is above it.
LARGEST_EMPLOYER = 10_000_000


def clean_text(value: object) -> str | None:
    """Any cell as text: blanks folded, invisible characters dropped, whole numbers without `.0`; None when nothing is left."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "".join(char for char in str(value) if unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cn") or char in "\t\n\r")
    # after the invisible characters are gone: one of them may stand between a letter and its accent
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip() or None


def parse_person_name(text: str) -> str | None:
    """A name without emoji, pronouns in brackets and credentials after a comma; None when nothing is left."""
    bare = _CREDENTIALS.sub("", _BRACKETED.sub(" ", text))
    letters = "".join(char for char in bare if unicodedata.category(char)[0] in "LM" or char in " '’-.·&")
    return " ".join(letters.split()).strip(" -.&") or None


def parse_full_name(text: str) -> str | None:
    """As `parse_person_name`; one word before a comma is a last name: `Weaver, Robin` → `Robin Weaver`."""
    last, _, first = _BRACKETED.sub(" ", text).partition(",")
    is_reversed = len(last.split()) == 1 and bool(first.strip())
    return parse_person_name(f"{first.split(',')[0]} {last}" if is_reversed else text)


def parse_email(text: str) -> str:
    """A lower-cased address; of `Robin Weaver <robin@acme.example>` the part in brackets.

    Raises:
        ValueError: no address by RFC 5321 and 5322 (no DNS is asked).
    """
    named = re.search(r"<([^<>]+)>", text)
    bare = (named.group(1) if named else text).strip().removeprefix("mailto:").removeprefix("MAILTO:").split("?")[0].strip(" ;,<>\"'")
    try:
        # test_environment admits *.test, which mail laboratories use and no real address has
        return validate_email(bare, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise ValueError("not an e-mail address") from None


def parse_domain(text: str) -> str:
    """`https://www.acme.example/about` → `acme.example`.

    Raises:
        ValueError: no host name with a dot in it.
    """
    host = text.strip().lower()
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", host)
    host = re.split(r"[/?#\s]", host, maxsplit=1)[0].split("@")[-1].split(":")[0].strip(".")
    host = re.sub(r"^(?:www\.+)+", "", host)
    if not _DOMAIN.match(host):
        raise ValueError("not a web address")
    return host


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


def parse_employee_count(text: str) -> int:
    """`1,200`, `1.2k`, `620 employees`, `51-200` and `500-1k` (the middle), `5000+`.

    Raises:
        ValueError: none of these.
    """
    match = _COUNT.match(text)
    if not match:
        raise ValueError("not a number of employees")
    low_text, low_unit, high_text, high_unit = match.groups()
    low = _count(low_text, low_unit or high_unit or "")
    if high_text is None:
        return low
    high = _count(high_text, high_unit)
    if high < low and not low_unit:
        low = _count(low_text, "")
    if high < low:
        raise ValueError("not a range of employees: its end is below its start")
    return (low + high) // 2


def parse_growth_rate(value: object) -> float:
    """Yearly growth as a fraction, 0.2 being 20 %: `0.2`, `20%`, `20.0 %`, and 20 (a plain number above 2 is meant in percent).

    Raises:
        ValueError: no number.
    """
    match = _PERCENT.match(str(value).strip())
    number = float(match.group(1).replace(",", ".")) if match else math.inf
    if match is None or math.isinf(number):
        raise ValueError("not a growth rate")
    if match.group(2) or abs(number) > LARGEST_GROWTH_FRACTION:
        number /= 100
    return round(number, 6) + 0.0  # no minus zero


def parse_phone(text: str) -> str:
    """A telephone number as it was written.

    Raises:
        ValueError: fewer than 7 or more than 15 digits (ITU-T E.164), or letters.
    """
    digits = sum(char.isdigit() for char in re.split(r"(?i)\s*(?:x|ext\.?|#)\s*\d+$", text)[0])
    if not 7 <= digits <= 15 or re.search(r"(?i)[a-wyz]{3,}", text.replace("ext", "")):
        raise ValueError("not a telephone number")
    return text


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


def _count(text: str, unit: str | None) -> int:
    digits = text.strip().replace(" ", "").replace("'", "")
    if not unit and re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits):
        digits = re.sub(r"[.,]", "", digits)
    try:
        number = float(digits.replace(",", ".")) * _MULTIPLE[(unit or "").lower()]
    except ValueError:
        number = math.inf
    if number > LARGEST_EMPLOYER:
        raise ValueError("not a number of employees")
    return round(number)
