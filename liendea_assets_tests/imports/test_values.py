from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from liendea_assets.imports import values
from liendea_assets.imports.settings import ImportSettings

NAN = float("nan")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, None),
        (NAN, None),
        ("", None),
        (" \t\n", None),
        ("\u200b\ufeff", None),
        ("  VP\u00a0 Sales\r\n", "VP Sales"),
        ("Rob\u200bin\u00ad", "Robin"),
        ("Jose\u0301", "José"),
        ("Jose\u200d\u0301", "José"),
        (620.0, "620"),
        (0.25, "0.25"),
        (620, "620"),
        (True, "True"),
        (datetime(2026, 2, 8), "2026-02-08 00:00:00"),
        (date(2026, 2, 8), "2026-02-08"),
    ],
)
def test_any_cell_becomes_text_or_nothing(cell: object, text: str | None) -> None:
    assert values.clean_text(cell) == text


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    cleaned = values.clean_text(text)
    assert cleaned is None or values.clean_text(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Robin Weaver", "Robin Weaver"),
        ("Robin 🚀 Weaver", "Robin Weaver"),
        ("Robin (she/her) Weaver [ex-Acme]", "Robin Weaver"),
        ("Robin Weaver, MBA, PMP", "Robin Weaver"),
        ("Mary-Jane O'Neil", "Mary-Jane O'Neil"),
        ("Åsa Łukasz", "Åsa Łukasz"),
        ("李雷", "李雷"),
        ("J. R. Weaver", "J. R. Weaver"),
        ("Weaver123", "Weaver"),
        ("🙂", None),
        ("- . -", None),
        ("(unknown)", None),
        ("42", None),
    ],
)
def test_a_name_is_bare_of_emoji_brackets_and_credentials(text: str, name: str | None) -> None:
    assert values.parse_person_name(text) == name


@given(st.text())
def test_a_bare_name_stays_as_it_is(text: str) -> None:
    name = values.parse_person_name(text)
    assert name is None or values.parse_person_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Robin Weaver", "Robin Weaver"),
        ("Weaver, Robin", "Robin Weaver"),
        ("Weaver, Robin J.", "Robin J. Weaver"),
        ("Robin Weaver, MBA", "Robin Weaver"),
        ("Robin van Weaver, PhD, CFA", "Robin van Weaver"),
        ("Weaver,", "Weaver"),
        ("Weaver, (she/her)", "Weaver"),
        ("🙂", None),
    ],
)
def test_a_full_name_may_start_with_the_last_name(text: str, name: str | None) -> None:
    assert values.parse_full_name(text) == name


@given(st.text(alphabet="Ab ,.-("))
def test_a_full_name_once_in_order_stays_as_it_is(text: str) -> None:
    name = values.parse_full_name(text)
    assert name is None or values.parse_full_name(name) == name


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("robin@acme.example", "robin@acme.example"),
        (" Robin.Weaver@ACME.example ", "robin.weaver@acme.example"),
        ("mailto:robin@acme.example?subject=Hi", "robin@acme.example"),
        ("<robin@acme.example>;", "robin@acme.example"),
        ("o'neil+x@acme.co.uk", "o'neil+x@acme.co.uk"),
        ("robin@münchen.example", "robin@münchen.example"),
    ],
)
def test_an_address_is_lower_cased_and_bare(text: str, address: str) -> None:
    assert values.parse_email(text) == address


@pytest.mark.parametrize(
    "text", ["robin", "robin@", "@acme.example", "robin@acme", "robin@@acme.example", "a b@acme.example", "r..w@acme.example", "n/a"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not an e-mail address$"):
        values.parse_email(text)


@given(st.emails())
def test_an_address_read_twice_is_the_address_read_once(text: str) -> None:
    stays_as_it_is(values.parse_email, text)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.example", "acme.example"),
        ("https://www.ACME.example/about?x#y", "acme.example"),
        ("http://user@acme.example:8080", "acme.example"),
        ("www.www.acme.example", "acme.example"),
        ("info@acme.example", "acme.example"),
        ("shop.acme.co.uk.", "shop.acme.co.uk"),
        ("acme.example (main)", "acme.example"),
        ("bücher.example", "bücher.example"),
        ("a-b.c1.example", "a-b.c1.example"),
    ],
)
def test_a_web_address_becomes_its_domain(text: str, domain: str) -> None:
    assert values.parse_domain(text) == domain


@pytest.mark.parametrize("text", ["acme", "Acme Inc", "http://", "127.0.0.1", "-acme.example", "acme_.example", "a..b", "…"])
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a web address$"):
        values.parse_domain(text)


@given(st.from_regex(r"(https?://)?(www\.){0,3}[a-z0-9ü.-]{1,8}\.[a-z]{2,3}\.?(:80)?(/[a-z]?)?", fullmatch=True))
def test_a_domain_read_twice_is_the_domain_read_once(text: str) -> None:
    stays_as_it_is(values.parse_domain, text)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.linkedin.com/in/robin-weaver",
        "http://de.linkedin.com/in/Robin-Weaver/",
        "linkedin.com/in/robin-weaver/en?trk=x",
        "https://www.linkedin.com/in/robin%2Dweaver#about",
        "Profile: https://www.LinkedIn.com/IN/robin-weaver",
    ],
)
def test_every_spelling_of_a_profile_gives_one_slug(text: str) -> None:
    assert values.parse_linkedin_id(text) == "robin-weaver"


def test_a_percent_encoded_slug_equals_the_plain_one() -> None:
    composed, decomposed = "https://linkedin.com/in/jos%C3%A9-x", "https://linkedin.com/in/jose\u0301-x"
    assert values.parse_linkedin_id(composed) == values.parse_linkedin_id(decomposed) == "josé-x"


@pytest.mark.parametrize(
    "text",
    [
        "robin-weaver",
        "https://www.linkedin.com/company/acme",
        "https://www.linkedin.com/sales/lead/ACwAAA",
        "https://www.linkedin.com/in/",
        "https://www.linkedin.com/in/%20",
        "https://acme.example/in/robin",
        "https://www.linkedin.com/pub/john-smith/4/a1b/23c",
    ],
)
def test_what_is_no_profile_is_refused(text: str) -> None:
    """The old /pub/ addresses name their person by the numbers after the name: many John Smiths share the name alone."""
    with pytest.raises(ValueError, match=r"^not the address of a LinkedIn profile"):
        values.parse_linkedin_id(text)


@given(st.text(alphabet=st.characters(categories=("L", "N")), min_size=1))
def test_a_slug_survives_its_address(text: str) -> None:
    slug = values.parse_linkedin_id(f"https://www.linkedin.com/in/{quote(text)}")
    assert values.parse_linkedin_id(f"linkedin.com/in/{slug}") == slug


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("620", 620),
        ("0", 0),
        ("1,200", 1200),
        ("1.200", 1200),
        ("1 200", 1200),
        ("1'200", 1200),
        ("1,234,567", 1_234_567),
        ("1.2k", 1200),
        ("1,5K", 1500),
        ("2m", 2_000_000),
        ("~620", 620),
        ("620 employees", 620),
        ("620 People", 620),
        ("5000+", 5000),
        ("10,001+ employees", 10_001),
        ("51-200", 125),
        ("51 – 200", 125),
        ("51 to 200 FTE", 125),
        ("1-5k", 3000),
        ("500-1k", 750),
        ("1k-5k", 3000),
        ("1,001-5,000 employees", 3000),
    ],
)
def test_a_number_of_employees_in_every_spelling(text: str, count: int) -> None:
    assert values.parse_employee_count(text) == count


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("many", "not a number of employees"),
        ("-5", "not a number of employees"),
        ("1.2.3", "not a number of employees"),
        ("1,200.50.1", "not a number of employees"),
        ("99999999999999999999", "not a number of employees"),
        ("1950-10-01 00:00:00", "not a number of employees"),
        ("200-51", "not a range of employees: its end is below its start"),
    ],
)
def test_what_is_no_number_of_employees_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        values.parse_employee_count(text)
    assert str(caught.value) == reason


@given(st.integers(min_value=0, max_value=10_000_000))
def test_a_whole_number_is_read_as_itself_with_and_without_separators(number: int) -> None:
    assert values.parse_employee_count(str(number)) == values.parse_employee_count(f"{number:,}") == number


@given(st.text(alphabet="0123456789.,' km-+to~", max_size=30))
def test_a_number_of_employees_fits_the_database_or_is_refused_in_our_words(text: str) -> None:
    reason = "not a number"
    count = 0
    try:
        count = values.parse_employee_count(text)
    except ValueError as error:
        reason = str(error)
    assert 0 <= count < 2**31
    assert reason.startswith("not a ")


@pytest.mark.parametrize(
    ("cell", "growth"),
    [
        ("0.2", 0.2),
        ("20%", 0.2),
        ("20.0 %", 0.2),
        ("20", 0.2),
        ("12,5%", 0.125),
        ("-5%", -0.05),
        ("+8%", 0.08),
        ("150%", 1.5),
        ("1.5", 1.5),
        ("2", 2.0),
        ("2.1", 0.021),
        ("-0%", 0.0),
        (0.25, 0.25),
    ],
)
def test_growth_is_a_fraction(cell: object, growth: float) -> None:
    assert values.parse_growth_rate(cell) == growth
    assert str(values.parse_growth_rate(cell)) == str(growth)


@pytest.mark.parametrize("text", ["high", "%", "20%-30%", "1e5", "", "9" * 400])
def test_what_is_no_growth_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a growth rate$"):
        values.parse_growth_rate(text)


@given(st.floats(min_value=-2, max_value=2))
def test_a_fraction_and_its_percentage_are_one_growth(fraction: float) -> None:
    assert values.parse_growth_rate(f"{fraction:.4f}") == pytest.approx(values.parse_growth_rate(f"{100 * fraction:.2f}%"), abs=1e-4)


@pytest.mark.parametrize(
    "text", ["+1 415 555 0100", "(415) 555-0100", "555-0100", "+1 415 555 0100 x12", "+49 89 1234567 ext. 9", "0041446681800"]
)
def test_a_telephone_number_stays_as_it_was_written(text: str) -> None:
    assert values.parse_phone(text) == text


@pytest.mark.parametrize("text", ["911", "call the office", "1-800-FLOWERS", "1234567890123456", "on request 5550100"])
def test_what_is_no_telephone_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a telephone number$"):
        values.parse_phone(text)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("08 Feb 2026", "2026-02-08"),
        ("8 Feb 2026", "2026-02-08"),
        ("2026-02-08", "2026-02-08"),
        ("2/8/2026", "2026-02-08"),
        ("4-Apr-21", "2021-04-04"),
        ("4-Apr-2021", "2021-04-04"),
        ("08 February 2026", "2026-02-08"),
        (datetime(2026, 2, 8, 23, 59), "2026-02-08"),
        (date(2026, 2, 8), "2026-02-08"),
    ],
)
def test_a_date_in_every_form_that_linkedin_and_spreadsheets_write(import_settings: ImportSettings, cell: object, day: str) -> None:
    assert values.parse_date(cell, import_settings.linkedin_date_formats) == day


@pytest.mark.parametrize("text", ["yesterday", "30 Feb 2026", "2026", "46061"])
def test_what_is_no_date_is_refused(import_settings: ImportSettings, text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a date$"):
        values.parse_date(text, import_settings.linkedin_date_formats)


@given(st.dates(min_value=date(1970, 1, 1)))
def test_a_date_read_twice_is_the_date_read_once(day: date) -> None:
    assert values.parse_date(values.parse_date(day.strftime("%d %b %Y"), ("%d %b %Y", "%Y-%m-%d")), ("%Y-%m-%d",)) == day.isoformat()


def stays_as_it_is(parse: Callable[[str], str], text: str) -> None:
    """What a parser answers, it answers again."""
    try:
        once = parse(text)
    except ValueError:
        assume(False)
    assert parse(once) == once
