"""Numbers as people write them: employees, growth, revenue. None for no cell; ValueError with the reason for what cannot be read."""

import math
import re
from functools import lru_cache

_NUMBER = r"(\d[\d.,' ]*)\s*([km]?)"
_ABOUT = r"(?:[~≈<>≤≥]|ca\.?|approx\.?|about|over)?"
_COUNT = re.compile(rf"^{_ABOUT}\s*{_NUMBER}\s*(?:(?:-|–|—|to)\s*{_NUMBER})?\s*\+?\s*(?:employees|people|staff|fte)?\s*\+?$", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_PERCENT = re.compile(r"^([+-]?\d+(?:[.,]\d+)?)\s*(%?)$")
_GROUPED_PERCENT = re.compile(r"^[+-]?[1-9]\d{0,2}(?:,\d{3})+\s*%$")
_BRACKETED = re.compile(r"^\(\s*([^()]+?)\s*\)\s*(%?)$")
_MULTIPLE = {"": 1, "k": 1_000, "m": 1_000_000}

# Above this a growth given as a plain number is meant in percent: nobody tracks a company that grew thirtyfold as a fraction.
LARGEST_GROWTH_FRACTION = 2.0
# Several times the largest employer there is (about 2 million); a telephone number in the wrong column is above it.
LARGEST_EMPLOYER = 10_000_000


# slices of a file share their values
@lru_cache(maxsize=200_000)
def parse_employee_count(text: str) -> int:
    """`1,200`, `1.2k`, `620 employees`, `51-200` and `500-1k` (the middle), `5000+`, `~300`.

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


def plain_growth(text: str) -> str:
    """A growth with one sign of minus, in front: `(5%)` and `−5 %` → `-5%` and `-5 %`."""
    bare = text.strip().replace("−", "-").replace("–", "-")
    if match := _BRACKETED.match(bare):
        return f"-{match.group(1).lstrip('-')}{match.group(2)}"
    return bare


def parse_growth_rate(value: object) -> float:
    """Yearly growth as a fraction, 0.2 being 20 %: `0.2`, `20%`, `(5%)`, `−3,5 %`, and 20 (a plain number above 2 is meant in percent).

    Raises:
        ValueError: no number.
    """
    text = plain_growth(str(value))
    if _GROUPED_PERCENT.match(text):
        text = text.replace(",", "")
    match = _PERCENT.match(text)
    number = float(match.group(1).replace(",", ".")) if match else math.inf
    if match is None or math.isinf(number):
        raise ValueError("not a growth rate")
    if match.group(2) or abs(number) > LARGEST_GROWTH_FRACTION:
        number /= 100
    return round(number, 6) + 0.0  # no minus zero


_SYMBOLS = {"usd": "$", "us$": "$", "$": "$", "eur": "€", "€": "€", "gbp": "£", "£": "£", "jpy": "¥", "¥": "¥"}
_CODES = ("chf", "sek", "nok", "dkk", "pln", "cad", "aud", "inr")
_CURRENCY = rf"(?:us\$|[$€£¥]|{'|'.join([code for code in _SYMBOLS if code.isalpha()] + list(_CODES))})"
_UNITS = {
    "": 1, "k": 1e3, "thousand": 1e3, "tsd": 1e3, "m": 1e6, "mn": 1e6, "mm": 1e6, "mio": 1e6, "mil": 1e6, "million": 1e6, "millions": 1e6,
    "b": 1e9, "bn": 1e9, "mrd": 1e9, "billion": 1e9, "billions": 1e9, "t": 1e12, "trillion": 1e12,
}  # fmt: skip
_UNIT = "|".join(sorted((unit for unit in _UNITS if unit), key=len, reverse=True))
_MONEY = rf"({_CURRENCY})?\s*(\d[\d.,' ]*)\s*({_UNIT})?\.?\s*({_CURRENCY})?"
_REVENUE = re.compile(
    r"^(?P<below><|≤|under|below|less than|up to)?(?P<above>>|≥|over|above|more than)?"
    rf"[~≈]?\s*{_MONEY}\s*(?:(?:-|–|—|to)\s*{_MONEY})?\s*(?P<plus>\+)?$",
    re.IGNORECASE,
)


def parse_revenue_range(text: str) -> str:
    """A revenue in one spelling: `$10M - $50M`, `10-50M`, `€5m+`, `<$1M` → `$10M-$50M`, `10M-50M`, `€5M+`, `<$1M`.

    What cannot be read as an amount (`pre-revenue`) stays as it is: nothing is computed with it.
    """
    match = _REVENUE.match(text)
    if not match:
        return text
    before, low, low_unit, after, before_high, high, high_unit, after_high = (match.group(index) for index in range(3, 11))
    mark = _mark(before or after or before_high or after_high)
    try:
        amounts = [_amount(low, low_unit or high_unit)] + ([_amount(high, high_unit)] if high else [])
    except ValueError:
        return text
    if len(amounts) == 2 and amounts[1] < amounts[0]:
        return text
    spelled = "-".join(mark + _spell(amount) for amount in amounts)
    if match.group("below"):
        return f"<{spelled}" if len(amounts) == 1 else text
    return f"{spelled}+" if match.group("plus") or match.group("above") else spelled


def _count(text: str, unit: str | None) -> int:
    digits = text.strip().replace(" ", "").replace("'", "")
    if not unit and _GROUPED.fullmatch(digits):
        digits = re.sub(r"[.,]", "", digits)
    try:
        number = float(digits.replace(",", ".")) * _MULTIPLE[(unit or "").lower()]
    except ValueError:
        number = math.inf
    if number > LARGEST_EMPLOYER:
        raise ValueError("not a number of employees")
    return round(number)


def _mark(currency: str | None) -> str:
    if currency is None:
        return ""
    return _SYMBOLS.get(currency.lower()) or f"{currency.upper()} "


def _amount(text: str, unit: str | None) -> float:
    digits = text.strip().replace(" ", "").replace("'", "")
    if _GROUPED.fullmatch(digits) and (not unit or digits.count(",") + digits.count(".") > 1):
        digits = re.sub(r"[.,]", "", digits)
    return float(digits.replace(",", ".")) * _UNITS[(unit or "").lower()]


def _spell(amount: float) -> str:
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if amount >= size:
            return f"{amount / size:.15g}{unit}"
    return f"{amount:.15g}"
