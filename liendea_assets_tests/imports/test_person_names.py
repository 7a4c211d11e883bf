import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.imports.person_names import find_plain_names, parse_full_name, parse_person_name, split_names


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


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("van Weaver, Robin", "Robin van Weaver"),
        ("von der Weaver, Robin J.", "Robin J. von der Weaver"),
        ("Weaver, Jr., Robin", "Robin Weaver Jr"),
        ("Weaver III, Robin", "Robin Weaver III"),
        ("Robin Weaver, Jr.", "Robin Weaver Jr"),
        ("Robin Weaver Jr., MBA", "Robin Weaver Jr"),
        ("Weaver, PhD", "Weaver"),
        ("Weaver, PMP, MBA", "Weaver"),
        ("WEAVER, ROBIN", "ROBIN WEAVER"),
        ("Robin Weaver MBA", "Robin Weaver"),
        ("Robin Weaver Ph.D.", "Robin Weaver"),
        ("Jack MBA", "Jack MBA"),
        ("Robin Weaver she/her", "Robin Weaver"),
        ("Robin Weaver (he/him) 🚀, CFA", "Robin Weaver"),
        ("robin weaver", "robin weaver"),
    ],
)
def test_particles_generations_and_credentials_are_told_apart(text: str, name: str) -> None:
    assert parse_full_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("Weaver Robin", "Robin Weaver"), ("van der Weaver Robin Jo", "Robin Jo van der Weaver"), ("Weaver, Robin", "Robin Weaver")],
)
def test_a_layout_may_put_the_last_name_first_without_a_comma(text: str, name: str) -> None:
    assert parse_full_name(text, is_last_first=True) == name


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Robin Weaver", "Robin", "Weaver"),
        ("Robin van Weaver", "Robin", "van Weaver"),
        ("Robin Jo von der Weaver", "Robin Jo", "von der Weaver"),
        ("Robin De La Weaver", "Robin De La", "Weaver"),
        ("Robin Van der Weaver", "Robin", "Van der Weaver"),
        ("Thi Van Nguyen", "Thi Van", "Nguyen"),
        ("Robin Weaver Jr", "Robin", "Weaver Jr"),
        ("van Weaver", None, "van Weaver"),
        ("Cher", None, "Cher"),
    ],
)
def test_a_full_name_is_split_before_the_particles_of_the_last_name(name: str, first: str | None, last: str) -> None:
    firsts, lasts = split_names(pd.Series([name], dtype="str"))

    assert [None if pd.isna(value) else value for value in (*firsts, *lasts)] == [first, last]


NAMES = st.lists(
    st.sampled_from(
        ["Robin", "van", "Weaver", "MBA", "Jr", "jr.", "Ph.D.", "O'Neil", "Zoë", "鈴木", "-", "(she)", "she/her", ",", "J.", "🙂", "II"]
    ),
    max_size=5,
).map(" ".join)


@given(NAMES)
def test_names_read_together_are_what_is_read_one_by_one(text: str) -> None:
    plain = find_plain_names(pd.Series([text], dtype="str"))[0]

    assert not isinstance(plain, str) or plain == parse_full_name(text) == parse_person_name(text)
