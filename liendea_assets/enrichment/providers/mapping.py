"""An answer about one person as our fields: what has a wrong type rejects the answer, what says nothing is not known."""

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase

from liendea_assets.core.errors import RejectedAnswer
from liendea_assets.enrichment.merge import PROFILE_URL
from liendea_assets.enrichment.provider import EMAIL_STATUSES
from liendea_assets.enrichment.providers.mapping_settings import AnswerMapping, ConfidenceRule, FieldRule
from liendea_assets.enrichment.providers.paths import find, holds
from liendea_assets.imports.domains import parse_domain
from liendea_assets.imports.emails import parse_email
from liendea_assets.imports.values import clean_text, parse_linkedin_id

# What SQLite holds.
LARGEST_INTEGER = 2**63 - 1
# No field of ours is longer; a whole page in a title is no title.
LONGEST_TEXT = 4_000

_INTEGERS = frozenset({"employee_count"})
_NUMBERS = frozenset({"growth_rate"})
_NUMBER_TEXT = re.compile(r"-?([0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]{1,9})?")
# read as those of files are; what cannot be read must not hide what another source knows
_ALWAYS = {"work_email": "email", "company_domain": "domain"}
_CLEAN: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "email": parse_email,
    "domain": parse_domain,
    "profile": lambda text: PROFILE_URL + parse_linkedin_id(text),
}


class _BreaksContract(Exception):
    """A value that cannot be what it should be."""


def map_answer(content: object, mapping: AnswerMapping) -> tuple[float | None, dict[str, object]]:
    """Confidence (0–1 or None) and the fields that are known.

    Raises:
        RejectedAnswer: naming the paths that break the contract, never a value.
    """
    broken = [path for path in mapping.must_have if find(path, content) is None]
    values: dict[str, object] = {}
    for name, rule in mapping.fields.items():
        try:
            value = _read_field(name, rule, content)
        except _BreaksContract:
            broken.append(rule.path)
        else:
            if value is not None:
                values[name] = value
    if values.get("email_status") not in EMAIL_STATUSES or "work_email" not in values:
        # another word than ours tells nothing, nor does any without the address
        values.pop("email_status", None)
    confidence = None
    if mapping.confidence is not None:
        try:
            confidence = _read_confidence(mapping.confidence, content)
        except _BreaksContract:
            broken.append(mapping.confidence.path)
    if broken:
        raise RejectedAnswer(f"the answer breaks the contract in {', '.join(sorted(set(broken)))}")
    return confidence, values


def _read_field(name: str, rule: FieldRule, content: object) -> object:
    found = find(rule.path, content)
    if isinstance(found, str):
        found = _clean(name, rule, found)
    if found is None:
        if rule.required or (rule.required_if is not None and holds(rule.required_if, content)):
            raise _BreaksContract
        return None
    if name in _INTEGERS:
        return _integer(found)
    if name in _NUMBERS:
        return _number(found)
    if not isinstance(found, str):
        raise _BreaksContract
    return found


def _clean(name: str, rule: FieldRule, found: str) -> object:
    """The text as it is kept; None where it says nothing."""
    try:
        # "\ud800" is proper JSON and no text: the database cannot store it, and the batch would fail in every run
        found.encode()
    except UnicodeEncodeError:
        raise _BreaksContract from None
    text = clean_text(found)
    if text is None or any(fnmatchcase(text.casefold(), pattern.casefold()) for pattern in rule.drop_if):
        return None
    if len(text) > LONGEST_TEXT:
        raise _BreaksContract
    if rule.values:
        ours = {theirs.casefold(): value for theirs, value in rule.values.items()}.get(text.casefold())
        if ours is None and rule.other_values == "drop":
            return None
        text = ours or text
    if "number" in rule.clean:
        return float(text.replace(",", "")) if _NUMBER_TEXT.fullmatch(text) else None
    with suppress(ValueError):
        for step in (*rule.clean, *([_ALWAYS[name]] if name in _ALWAYS else [])):
            text = _CLEAN[step](text)
        return text
    return None


def _integer(found: object) -> int:
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= LARGEST_INTEGER:
        raise _BreaksContract
    return found


def _number(found: object) -> float:
    if not isinstance(found, int | float) or isinstance(found, bool) or not math.isfinite(found):
        raise _BreaksContract
    return found


def _read_confidence(rule: ConfidenceRule, content: object) -> float | None:
    found = find(rule.path, content)
    if found is None:
        if rule.required:
            raise _BreaksContract
        return rule.otherwise
    if rule.values:
        if not isinstance(found, str):
            raise _BreaksContract
        return {word.casefold(): value for word, value in rule.values.items()}.get(found.casefold(), rule.otherwise)
    lowest, highest = rule.scale
    number = _number(found)
    if not lowest <= number <= highest:
        raise _BreaksContract
    return (number - lowest) / (highest - lowest)
