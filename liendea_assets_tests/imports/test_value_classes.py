import pytest

from liendea_assets.imports.value_classes import value_class


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#N/A", "error value"),
        ("=A1+B2", "formula"),
        ('=HYPERLINK("https://acme.example","x")', "link"),
        ("robin@", "address-like"),
        ("https://acme.example/x", "link"),
        ("acme.example/about", "link"),
        ("acme.example", "domain-like"),
        ("2026-02-08", "date"),
        ("8 Feb 2026", "date"),
        ("02/08/2026", "date"),
        ("1,200", "number"),
        ("-3.5 %", "number"),
        ("51-200", "number range"),
        ("+1 415 555 0100", "phone-like"),
        ("(415) 555-0100", "phone-like"),
        ("Robin Weaver", "text"),
    ],
)
def test_a_class_says_what_a_value_looks_like(text: str, name: str) -> None:
    assert value_class(text) == name
