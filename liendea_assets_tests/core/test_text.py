import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.core.text import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zoë O'Brien-Łuk", "zoe o brien luk"),
        ("  VP,\tSales_EMEA ", "vp sales emea"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ærø ŒUVRE Ǿ", "aero oeuvre o"),
        ("ﬁnance", "finance"),
        ("# Employees", "employees"),
        ("Джон", "джон"),
        ("李 雷", "李 雷"),
        ("ŁÓDŹ", "lodz"),
        ("🙂 -- !", ""),
        ("", ""),
    ],
)
def test_folding_leaves_what_a_person_would_compare(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_folded_text_has_single_blanks_and_none_at_its_ends(text: str) -> None:
    assert fold(text) == " ".join(fold(text).split())


@given(st.text(alphabet=st.characters(categories=("Ll", "Lu"), max_codepoint=0x17F), min_size=1))
def test_case_does_not_count(text: str) -> None:
    assert fold(text) == fold(text.lower()) == fold(text.upper().lower())


def test_every_letter_that_exists_is_folded_for_good() -> None:
    letters = [char for code in range(0x20000) if unicodedata.category(char := chr(code))[0] == "L"]

    assert [char for char in letters if fold(fold(char)) != fold(char)] == []
