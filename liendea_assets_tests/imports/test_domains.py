import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liendea_assets.imports.domains import find_plain_domains, parse_company_domain, parse_domain
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


def test_punycode_and_letters_are_one_domain() -> None:
    assert parse_domain("https://xn--bcher-kva.example") == parse_domain("BÜCHER.example") == "bücher.example"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://shop.acme.co.uk/x", "acme.co.uk"),
        ("www.careers.acme.com", "acme.com"),
        ("acme.github.io", "acme.github.io"),
        ("sub.acme.example", "acme.example"),
        ("acme.test", "acme.test"),
        ("acme.invalid", "acme.invalid"),
        ("acme.localhost", "acme.localhost"),
        ("acme.com, acme.de", "acme.com"),
        ('=HYPERLINK("https://acme.com","Acme")', "acme.com"),
        ("linkedin.com", "linkedin.com"),
        ("shop.xn--bcher-kva.de", "bücher.de"),
    ],
)
def test_a_companys_domain_is_the_one_that_it_registered(text: str, domain: str) -> None:
    assert parse_company_domain(text) == domain


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("co.uk", "an ending under which anybody can register"),
        ("github.io", "an ending under which anybody can register"),
        ("acme.nosuchending", "no domain ends like this"),
        ("https://www.linkedin.com/company/acme", "a page at a network"),
        ("acme", "^not a web address$"),
    ],
)
def test_what_no_company_registered_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_company_domain(text)


HOSTS = st.from_regex(
    r"(https?://)?(www\.)?[a-zA-Z0-9-]{1,8}\.(com|co\.uk|uk|ck|io|github\.io|example|nosuch|kawasaki\.jp|de)/?", fullmatch=True
)


@given(HOSTS)
@example("www.com")
@example("co.uk")
@example("foo.ck")
def test_domains_read_together_are_what_is_read_one_by_one(text: str) -> None:
    plain = find_plain_domains(pd.Series([text], dtype="str"))[0]

    assert not isinstance(plain, str) or plain == parse_company_domain(text)


def test_a_usual_web_address_needs_no_look_of_its_own() -> None:
    assert list(find_plain_domains(pd.Series(["https://www.Acme.com/", "acme.example"], dtype="str"))) == ["acme.com", "acme.example"]
