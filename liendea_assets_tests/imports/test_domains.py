import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.imports.domains import parse_domain
from liendea_assets_tests.imports.properties import stays_as_it_is


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
    assert parse_domain(text) == domain


@pytest.mark.parametrize("text", ["acme", "Acme Inc", "http://", "127.0.0.1", "-acme.example", "acme_.example", "a..b", "…"])
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a web address$"):
        parse_domain(text)


@given(st.from_regex(r"(https?://)?(www\.){0,3}[a-z0-9ü.-]{1,8}\.[a-z]{2,3}\.?(:80)?(/[a-z]?)?", fullmatch=True))
def test_a_domain_read_twice_is_the_domain_read_once(text: str) -> None:
    stays_as_it_is(parse_domain, text)
