import pandas as pd
import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberFormat

from liendea_assets.imports.telephones import find_plain_phones, parse_phone, parse_phones


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+1 415 555 0100", None, "+14155550100"),
        ("(415) 555-0100", "US", "+14155550100"),
        ("1-415-555-0100", "US", "+14155550100"),
        ("+1 415 555 0100 x12", None, "+14155550100;ext=12"),
        ("+49 89 1234567 ext. 9", None, "+49891234567;ext=9"),
        ("tel:+49-89-1234567", None, "+49891234567"),
        ("0041446681800", None, "+41446681800"),
        ("0041446681800", "US", "+41446681800"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("089 1234567", "DE", "+49891234567"),
        ("06 12345678", "IT", "+390612345678"),
        ("+1 415 555 0100 / +1 415 555 0199", None, "+14155550100"),
        ("on leave; +1 415 555 0100", None, "+14155550100"),
    ],
)
def test_a_telephone_number_becomes_one_that_can_be_dialled_from_anywhere(text: str, region: str | None, number: str) -> None:
    assert parse_phone(text, region) == number
    assert list(parse_phones(pd.Series([text], dtype="str"), pd.Series([region], dtype="str")).values) == [number]


@pytest.mark.parametrize("text", ["911", "call the office", "1-800-FLOWERS", "1234567890123456", "on request 5550100", "+1 415 555"])
def test_what_is_no_telephone_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a telephone number$"):
        parse_phone(text, "US")


def test_a_number_that_could_be_dialled_only_nearby_is_refused_with_what_it_lacks() -> None:
    with pytest.raises(ValueError, match=r"^a telephone number without its area code$"):
        parse_phone("555-0100", "US")
    with pytest.raises(ValueError, match=r"^a telephone number without its country: neither the row nor default_region"):
        parse_phone("(415) 555-0100", None)


def by_the_library(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse("+" + text[2:] if text.startswith("00") else text, region)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
NUMBERS = st.one_of(
    st.from_regex(r"(\+|00)?[0-9][0-9 ().-]{4,16}", fullmatch=True).filter(lambda text: text.isascii()),
    st.builds(
        lambda code, rest, start: f"{start}{code}{rest}",
        st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
        st.from_regex(r"[0-9]{6,11}", fullmatch=True).filter(lambda text: text.isascii()),
        st.sampled_from(["+", "00", "", "0"]),
    ),
)


@given(st.lists(st.tuples(NUMBERS, st.sampled_from(REGIONS)), min_size=1, max_size=20))
def test_numbers_read_together_are_what_the_library_reads_one_by_one(rows: list[tuple[str, str]]) -> None:
    texts = pd.Series([text for text, _ in rows], dtype="str")
    regions = pd.Series([region for _, region in rows], dtype="str")

    plain = find_plain_phones(texts, regions)

    for (text, region), found in zip(rows, plain, strict=True):
        assert not isinstance(found, str) or found == by_the_library(text, region)


@pytest.mark.parametrize("region", REGIONS)
def test_the_example_numbers_of_every_country_are_read(region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    number = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    written = [phonenumbers.format_number(example, form) for form in (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)]

    read = parse_phones(pd.Series([number, *written], dtype="str"), pd.Series([region] * 3, dtype="str"))

    assert [value.partition(";")[0] for value in read.values] == [number] * 3


@pytest.mark.parametrize(
    ("text", "region"), [("+1 415 555 0100", None), ("(415) 555-0100", "US"), ("0041 44 668 18 00", None), ("089 1234567", "DE")]
)
def test_usual_spellings_need_no_look_of_their_own(text: str, region: str | None) -> None:
    found = find_plain_phones(pd.Series([text], dtype="str"), pd.Series([region], dtype="str"))

    assert list(found) == [parse_phone(text, region)]


def test_each_number_is_read_by_the_country_of_its_own_row() -> None:
    read = parse_phones(
        pd.Series(["020 7946 0958", "020 7946 0958", "555-0100", "oops"], dtype="str"), pd.Series(["GB", None, "US", "US"], dtype="str")
    )

    assert read.values[0] == "+442079460958"
    assert list(read.values.isna()) == [False, True, True, True]
    assert sorted(read.reasons) == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "region"),
    [("0301234568", "US"), ("030 1234568", "US"), ("+1 030 123 4568", None), ("1234567890", "US"), ("+49 1 2345678", None)],
)
def test_a_number_that_its_country_gives_to_nobody_is_refused(text: str, region: str | None) -> None:
    with pytest.raises(ValueError, match=r"telephone number"):
        parse_phone(text, region)
    assert list(parse_phones(pd.Series([text], dtype="str"), pd.Series([region], dtype="str")).values.isna()) == [True]
