import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.imports.person_names import parse_full_name, parse_person_name


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
    assert parse_person_name(text) == name


@given(st.text())
def test_a_bare_name_stays_as_it_is(text: str) -> None:
    name = parse_person_name(text)
    assert name is None or parse_person_name(name) == name


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
    assert parse_full_name(text) == name


@given(st.text(alphabet="Ab ,.-("))
def test_a_full_name_once_in_order_stays_as_it_is(text: str) -> None:
    name = parse_full_name(text)
    assert name is None or parse_full_name(name) == name
