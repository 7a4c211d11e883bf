import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.core.home import Home, default_config
from liendea_assets.core.settings import load_settings
from liendea_assets.core.text import fold
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.settings import ImportSettings

SETTINGS = load_settings(ImportSettings, Home(default_config().parent), "imports.yaml")
KEYS = NameKeys(SETTINGS)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Acme Labs Inc.", "acmelabs"),
        ("Acme Labs, Inc", "acmelabs"),
        ("Acme Holding Co. Ltd.", "acmeholding"),
        ("Åberg & Sons AB", "abergsons"),
        ("Acme S.A.", "acme"),
        ("Acme Sp. z o.o.", "acme"),
        ("Müller GmbH & Co. KG", "muller"),
        ("Müller GmbH und Co. KG", "muller"),
        ("The Acme and Sons Company", "acmesons"),
        ("The And", "theand"),
        ("Inc", "inc"),
        ("Co Inc", "co"),
        ("Incorporated Minds", "incorporatedminds"),
        ("PT Acme Tbk", "acme"),
        ("PT", "pt"),
        ("Y Combinator", "ycombinator"),
    ],
)
def test_the_legal_form_of_a_company_does_not_count(name: str, key: str) -> None:
    assert KEYS.company(name) == key


@pytest.mark.parametrize(
    "form",
    [
        "S.A. de C.V.", "SA DE CV", "(Pty) Ltd", "Sdn. Bhd.", "s. r. o.", "d.o.o.", "A.Ş.", "S.à r.l.", "Ges.m.b.H.", "UG (haftungsbeschränkt)",
        "Pvt. Ltd.", "Private Limited", "K.K.", "Co.,Ltd.", "L.L.C.", "OÜ", "AB (publ)", "S/A", "P/L", "FZ-LLC",
    ],
)  # fmt: skip
def test_a_legal_form_does_not_count_however_it_is_dotted(form: str) -> None:
    assert KEYS.company(f"Acme {form}") == KEYS.company("Acme")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("DataWorks", "Data Works"),
        ("Data-Works", "data works"),
        ("A.B.C. Freight", "ABC Freight"),
        ("Weaver International", "Weaver Int'l"),
        ("Weaver International", "WEAVER INTL."),
        ("Weaver Mfg", "Weaver Manufacturing"),
        ("Köhler Bros.", "Koehler Brothers"),
        ("Köhler", "Kohler"),
        ("Jørgensen Shipping", "Joergensen Shipping"),
        ("Weaver & Sons", "Weaver and Sons"),
        ("Weaver og Sønner", "Weaver & Sonner"),
        ("Acme Technologies", "Acme Technology"),
    ],
)
def test_spellings_of_one_company_have_one_key(first: str, second: str) -> None:
    assert KEYS.company(first) == KEYS.company(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Acme", "Acme Holding"),
        ("Acme Group", "Acme"),
        ("Acme Capital", "Acme Bank"),
        ("Acme Labs", "Acme Laboratories"),
        ("Studio 45", "Studio 54"),
        ("Acme II", "Acme III"),
        ("Blue Systems", "Blu Systems"),
        ("SA Recycling", "Recycling"),
        ("Co Star", "Star"),
    ],
)
def test_words_that_tell_companies_apart_count(first: str, second: str) -> None:
    assert KEYS.company(first) != KEYS.company(second)


@given(st.text(max_size=30))
def test_a_company_with_a_name_has_a_key(name: str) -> None:
    assert bool(KEYS.company(name)) == bool(fold(name))


@given(st.lists(st.sampled_from(["Acme", "weaver", "Köhler", "Holding", "12"]), min_size=1, max_size=4).map(" ".join))
def test_case_and_a_legal_form_behind_change_no_key(name: str) -> None:
    assert KEYS.company(f"{name.upper()}, Inc.") == KEYS.company(name)
