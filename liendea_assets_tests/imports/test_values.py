from datetime import date, datetime
from urllib.parse import quote

import pandas as pd
import pytest
from hypothesis import given
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
    ("cell", "day"),
    [
        ("08 Feb 2026", "2026-02-08"),
        ("8 Feb 2026", "2026-02-08"),
        ("2026-02-08", "2026-02-08"),
        ("2/8/2026", "2026-02-08"),
        ("8.2.2026", "2026-02-08"),
        ("08.02.2026", "2026-02-08"),
        ("13/02/2026", "2026-02-13"),
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


@given(st.one_of(st.text(max_size=8), st.text(alphabet="aZ é鈴ß\u200b\u0301\u00a0\n.", max_size=8)))
def test_texts_cleaned_together_are_what_is_cleaned_one_by_one(text: str) -> None:
    cleaned = values.clean_texts(pd.Series([text], dtype="str"))[0]

    assert (cleaned if isinstance(cleaned, str) else None) == values.clean_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.linkedin.com/in/Robin-Weaver/",
        "linkedin.com/in/robin-weaver",
        "http://de.linkedin.com/in/robin-weaver?x",
        "notlinkedin.com/in/x",
        "oops",
    ],
)
def test_plain_profiles_are_what_is_read_one_by_one(text: str) -> None:
    plain = values.find_plain_profiles(pd.Series([text], dtype="str"))[0]

    assert not isinstance(plain, str) or plain == values.parse_linkedin_id(text)
    assert isinstance(plain, str) == text.lower().rstrip("/").endswith("linkedin.com/in/robin-weaver")


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://www.linkedin.com/in/robin-weaver","Robin")',
        "[Robin](https://linkedin.com/in/robin-weaver)",
        "<a href='https://linkedin.com/in/robin-weaver'>R</a>",
    ],
)
def test_a_profile_may_stand_in_a_link(text: str) -> None:
    assert values.parse_linkedin_id(text) == "robin-weaver"
