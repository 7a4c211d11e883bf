import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liendea_assets.imports.emails import find_email_kinds, find_plain_emails, parse_best_email, parse_email
from liendea_assets_tests.imports.properties import stays_as_it_is


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
    assert parse_email(text) == address


@pytest.mark.parametrize(
    "text", ["robin", "robin@", "@acme.example", "robin@acme", "robin@@acme.example", "a b@acme.example", "r..w@acme.example", "n/a"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not an e-mail address$"):
        parse_email(text)


@given(st.emails())
def test_an_address_read_twice_is_the_address_read_once(text: str) -> None:
    stays_as_it_is(parse_email, text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("info@acme.example; robin@acme.example", "robin@acme.example"),
        ("oops, robin@acme.example", "robin@acme.example"),
        ("info@acme.example / sales@acme.example", "info@acme.example"),
        ("robin@acme.example ann@acme.example", "robin@acme.example"),
        ("MAILTO:Robin%2Bx@acme.example?subject=Hi", "robin+x@acme.example"),
        ('=HYPERLINK("mailto:robin@acme.example","Robin, write")', "robin@acme.example"),
        ("[Robin](mailto:robin@acme.example)", "robin@acme.example"),
        ('<a href="mailto:robin@acme.example">Robin</a>', "robin@acme.example"),
        ("Robin, VP <robin@acme.example>", "robin@acme.example"),
        ("robin@xn--mnchen-3ya.example", "robin@münchen.example"),
        ("robin@MÜNCHEN.example", "robin@münchen.example"),
    ],
)
def test_of_links_and_of_several_addresses_the_first_of_a_person_is_taken(text: str, address: str) -> None:
    assert parse_best_email(text, {"info", "sales"}) == address


LIKE_ADDRESSES = st.one_of(
    st.emails(),
    st.from_regex(r"(mailto:)?[A-Za-z0-9._+-]{1,12}@[A-Za-z0-9.-]{1,14}\.(com|test|local|invalid|onion|arpa|c|x1|example)", fullmatch=True),
    st.from_regex(r"[a-zK\u0130]{1,70}@[a-z]{1,70}\.com", fullmatch=True),
)


@given(LIKE_ADDRESSES)
@example("robin@acme.local")
@example("r" * 65 + "@acme.com")
def test_addresses_read_together_are_what_email_validator_says_of_each(text: str) -> None:
    plain = find_plain_emails(pd.Series([text], dtype="str"))[0]

    assert not isinstance(plain, str) or plain == parse_email(text) == parse_best_email(text)


def test_a_usual_address_needs_no_look_of_its_own() -> None:
    assert list(find_plain_emails(pd.Series(["Robin.Weaver+x@Acme-Labs.co.uk", "mailto:a@b.example"], dtype="str"))) == [
        "robin.weaver+x@acme-labs.co.uk",
        "a@b.example",
    ]


def test_the_kind_of_an_address_is_a_desks_before_thrown_away_before_free_before_personal() -> None:
    addresses = [
        "robin@acme.example",
        "info@gmail.com",
        "info+x@acme.example",
        "robin@gmail.com",
        "robin@mailinator.com",
        "r@x.mailinator.com",
        None,
    ]

    kinds = find_email_kinds(pd.Series(addresses, dtype="str"), {"info"}, {"gmail.com"})

    assert [None if pd.isna(kind) else kind for kind in kinds] == ["personal", "role", "role", "free", "disposable", "disposable", None]


@pytest.mark.parametrize(
    "text", ["robin@acme.example; ann@acme.example", "robin@acme.example ann@acme.example", "robin@acme.example;asked for it"]
)
def test_where_one_address_is_asked_for_several_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not an e-mail address$"):
        parse_email(text)
