"""What a value looks like, in a word that reveals nobody."""

import re

ERROR = "error value"
_DATE = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}(?:[ T].*)?$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$|^\d{1,2}[ -][a-z]{3,9}[ -]\d{2,4}$", re.IGNORECASE)
CLASSES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (ERROR, re.compile(r"^#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)$", re.IGNORECASE)),
    ("formula", re.compile(r"^=(?!\s*hyperlink\()", re.IGNORECASE)),
    ("address-like", re.compile(r"@")),
    ("link", re.compile(r"^[a-z][a-z0-9+.-]*://|^www\.|hyperlink\(|\]\(|<a\b|^[\w.-]+\.[a-z]{2,}/", re.IGNORECASE)),
    ("date", _DATE),
    ("number", re.compile(r"^[~≈<>(]?\s*[-+−$€£]?\s*\d[\d.,' ]*\s*[kmb%]?\s*[+)]?$|^\d+(?:\.\d+)?e[+-]?\d+$", re.IGNORECASE)),
    ("number range", re.compile(r"^[$€£]?\s*[\d.,]+\s*[kmb]?\s*(?:-|–|to)\s*[$€£]?\s*[\d.,]+\s*[kmb]?", re.IGNORECASE)),
    ("phone-like", re.compile(r"^[+(]?[\d(][\d\s()./-]{5,}(?:\s*(?:x|ext\.?)\s*\d+)?$", re.IGNORECASE)),
    ("domain-like", re.compile(r"^[\w-]+(?:\.[\w-]+)+$")),
)


def value_class(text: str) -> str:
    """The class of a value: one of `CLASSES`, else `text`."""
    stripped = text.strip()
    if re.match(r"^(?:\+\d|\(?\d{2,5}\)?[\s./-]+\d{2,})", stripped) and sum(map(str.isdigit, stripped)) >= 7 and "@" not in stripped:
        return "date" if _DATE.match(stripped) else "phone-like"
    return next((name for name, pattern in CLASSES if pattern.search(stripped)), "text")
