import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.imports.emails import parse_email
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
