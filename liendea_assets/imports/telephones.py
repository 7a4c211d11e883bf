"""Telephone numbers as E.164, by the metadata of phonenumbers. Plain ones column-wise, the rest one by one."""

import re
from functools import cache

import numpy as np
import pandas as pd
import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, ValidationResult

from liendea_assets.imports.distinct import Parsed

_NOT_A_NUMBER = "not a telephone number"
_NO_COUNTRY = "a telephone number without its country: neither the row nor default_region in imports.yaml says which"
_NOT_GIVEN_OUT = "no telephone number of its country, which gives out none that begin so"
_LOCAL = "a telephone number without its area code"

_SEPARATORS = re.compile(r"[;|,]|\s/\s|\s(?:or|and|oder|und)\s")
_EXTENSION = re.compile(r"(?i)\s*(?:[;,]?\s*ext(?:ension)?\.?\s*=?|x|#)\s*\d+$")
_WORDS = re.compile(r"(?i)[a-wyz]{3,}")
# Marks that the library passes over; with nothing else in it a number can be read column-wise.
_PLAIN = r"\+?\(?[0-9][0-9 ().-]{4,24}"
_PLAIN_MARKS = r"[ ().+-]"


def parse_phone(text: str, region: str | None = None) -> str:
    """A number that can be dialled from anywhere, by E.164; an extension follows as `;ext=`. Of several numbers the first.

    Args:
        region: the country (ISO 3166-1) of a number that does not say its own; None where nobody knows.

    Raises:
        ValueError: words, a wrong number of digits for its country, digits that it gives to nobody, or a national number of nobody
            knows which country.
    """
    bare = _with_plus(text.strip().removeprefix("tel:"))
    error = ValueError(_NOT_A_NUMBER)
    for part in [bare, *(_with_plus(part.strip()) for part in _SEPARATORS.split(bare) if part.strip() != bare)]:
        try:
            return _parse_one(part, region)
        except ValueError as problem:
            error = problem
            continue
    raise error


def parse_phones(texts: pd.Series, regions: pd.Series) -> Parsed:
    """`parse_phone` of each of many numbers with its region (both `str`, same index 0 … n-1; a region may be missing)."""
    read = find_plain_phones(texts, regions)
    left = texts[read.isna() & texts.notna()]
    found: list[str | None] = []
    reasons: dict[int, str] = {}
    for position, text, region in zip(left.index.tolist(), left.tolist(), regions[left.index].tolist(), strict=True):
        try:
            found.append(parse_phone(text, region if isinstance(region, str) else None))
        except ValueError as error:
            found.append(None)
            reasons[position] = str(error)
    read[left.index] = pd.Series(found, index=left.index, dtype="str")
    return Parsed(read, reasons)


def find_plain_phones(texts: pd.Series, regions: pd.Series) -> pd.Series:
    """Of plainly written numbers the E.164 form; missing where `parse_phone` must look.

    Args:
        texts: `str`.
        regions: same index, the country of each row, missing where unknown.
    """
    digits = texts.where(texts.str.fullmatch(_PLAIN)).str.replace(_PLAIN_MARKS, "", regex=True)
    is_zero_zero = digits.str.startswith("00").fillna(False) & ~texts.str.startswith("+").fillna(False)
    is_international = (texts.str.startswith("+").fillna(False) | is_zero_zero) & digits.notna()
    digits = digits.mask(is_zero_zero, digits.str.slice(2))
    found = []
    abroad = digits[is_international]
    for code, group in abroad.groupby(_calling_codes(abroad), sort=False):
        rest = group.str.slice(len(str(code)))
        plain = rest.where(_is_plain_national(rest, _metadata_of_code(int(str(code)))))
        found.append(f"+{code}" + plain.where(_is_given_out(plain, int(str(code)))))
    at_home = digits[~is_international & digits.notna()]
    for region, group in at_home.groupby(regions[at_home.index], sort=False):
        metadata = PhoneMetadata.metadata_for_region(region, None)
        if metadata is not None:
            plain = _strip_national_prefix(group, metadata)
            found.append(f"+{metadata.country_code}" + plain.where(_is_given_out(plain, metadata.country_code)))
    return pd.concat(found).reindex(texts.index) if found else pd.Series(np.nan, index=texts.index, dtype="str")


def _parse_one(text: str, region: str | None) -> str:
    if _WORDS.search(_EXTENSION.sub("", text)):
        raise ValueError(_NOT_A_NUMBER)
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        has_country = text.startswith("+") or region is not None
        digits = sum(char.isdigit() for char in _EXTENSION.sub("", text))
        is_national = error.error_type == NumberParseException.INVALID_COUNTRY_CODE and not has_country and 7 <= digits <= 15
        raise ValueError(_NO_COUNTRY if is_national else _NOT_A_NUMBER) from None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        raise ValueError(_LOCAL)
    if possible != ValidationResult.IS_POSSIBLE:
        raise ValueError(_NOT_A_NUMBER)
    if not phonenumbers.is_valid_number(number):
        raise ValueError(_NOT_GIVEN_OUT)
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


def _with_plus(text: str) -> str:
    # no country has national numbers that begin so; nearly everywhere it is dialled before a country's code
    return "+" + text[2:] if text.startswith("00") else text


def _calling_codes(digits: pd.Series) -> pd.Series:
    """The country's calling code at the start of each number; missing where it begins with none."""
    codes = pd.Series(np.nan, index=digits.index, dtype="str")
    for length in (3, 2, 1):
        start = digits.str.slice(0, length)
        codes = codes.where(~start.isin(_codes_of_length(length)), start)
    return codes


@cache
def _codes_of_length(length: int) -> frozenset[str]:
    return frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE if len(str(code)) == length)


def _metadata_of_code(code: int) -> PhoneMetadata:
    region = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code][0]
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    assert metadata is not None
    return metadata


def _fits_country(numbers: pd.Series, metadata: PhoneMetadata) -> pd.Series:
    general = metadata.general_desc
    assert general is not None
    assert general.national_number_pattern is not None
    return numbers.str.fullmatch(general.national_number_pattern) & numbers.str.len().isin(general.possible_length)


def _is_given_out(numbers: pd.Series, code: int | None) -> pd.Series:
    """Whether a country with this calling code gives out such numbers: `phonenumbers.is_valid_number` for many.

    Several countries may share a code: the first counts whose leading digits a number has, or which has a kind of number for it.
    """
    is_given = pd.Series(False, index=numbers.index)
    is_open = numbers.notna()
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code or 0, ())
    for region in regions:
        if not is_open.any():
            break
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code or 0, region)
        assert metadata is not None
        left = numbers[is_open]
        is_known = _has_kind(left, metadata)
        is_its_own = is_known
        if metadata.leading_digits and len(regions) > 1:
            is_its_own = left.str.match(f"(?:{metadata.leading_digits})").fillna(False).astype(bool)
        is_given[left.index[is_known & is_its_own]] = True
        is_open[left.index[is_its_own]] = False
    return is_given


def _has_kind(numbers: pd.Series, metadata: PhoneMetadata) -> pd.Series:
    """Whether numbers are of one of the kinds (fixed, mobile, toll-free …) that a country has."""
    kinds = (
        metadata.fixed_line, metadata.mobile, metadata.toll_free, metadata.premium_rate, metadata.shared_cost, metadata.voip,
        metadata.personal_number, metadata.pager, metadata.uan, metadata.voicemail,
    )  # fmt: skip
    lengths = numbers.str.len()
    found = pd.Series(False, index=numbers.index)
    for kind in kinds:
        if kind is None or not kind.national_number_pattern:
            continue
        is_kind = numbers.str.fullmatch(f"(?:{kind.national_number_pattern})").fillna(False).astype(bool)
        found |= is_kind & (lengths.isin(kind.possible_length) if kind.possible_length else True)
    return found & _fits_country(numbers, metadata).fillna(False).astype(bool)


def _is_plain_national(numbers: pd.Series, metadata: PhoneMetadata) -> pd.Series:
    """Whether a number behind its country's code is one as it stands, without a national prefix that would have to go."""
    fits = _fits_country(numbers, metadata)
    prefix = metadata.national_prefix_for_parsing
    return fits & ~numbers.str.match(prefix) if prefix else fits


def _strip_national_prefix(numbers: pd.Series, metadata: PhoneMetadata) -> pd.Series:
    """National numbers without their prefix (`089…` → `89…`); missing where the library must decide."""
    plain = numbers.where(_is_plain_national(numbers, metadata))
    if metadata.international_prefix:
        plain = plain.where(~numbers.str.match(metadata.international_prefix))
    prefix = metadata.national_prefix_for_parsing
    if not prefix or not prefix.isdigit() or metadata.national_prefix_transform_rule:
        return plain
    stripped = numbers.where(numbers.str.startswith(prefix)).str.slice(len(prefix))
    return plain.where(plain.notna(), stripped.where(_fits_country(stripped, metadata)))
