"""Which parser reads which field, with the settings that it needs."""

from collections.abc import Callable, Container, Mapping
from functools import partial

import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.amounts import parse_employee_count, parse_growth_rate, parse_revenue_range
from liendea_assets.imports.distinct import Parsed, Parser, PlainParser, has_link, parse_distinct
from liendea_assets.imports.domains import find_plain_domains, parse_company_domain
from liendea_assets.imports.emails import find_plain_emails, parse_best_email
from liendea_assets.imports.links import link_label
from liendea_assets.imports.person_names import find_plain_names, parse_full_name, parse_person_name
from liendea_assets.imports.values import find_plain_profiles, parse_date, parse_linkedin_id

PHONE_FIELDS = ("work_phone", "mobile_phone")
DTYPES = {"employee_count": "Int64", "growth_rate": "Float64"}

ColumnParser = Callable[[pd.Series], Parsed]


def scalar_parsers(
    country_names: Mapping[str, tuple[str, ...]],
    role_accounts: Container[str],
    date_formats: tuple[str, ...],
    name_order: str = "first_last",
) -> dict[str, Parser]:
    """Field → what reads one value of it; a field that is not named takes any text. Telephones need a row's country, too."""
    countries = {fold(name): code for code, names in country_names.items() for name in (code, *names)}

    def parse_country(text: str) -> str:
        code = countries.get(fold(text)) or (text.upper() if len(text) == 2 and text.isascii() and text.isalpha() else None)
        if code is None:
            raise ValueError("not a country that country_names in imports.yaml knows")
        return code

    def parse_name(text: str) -> str | None:
        return parse_person_name(link_label(text))

    def parse_whole_name(text: str) -> str | None:
        return parse_full_name(link_label(text), is_last_first=name_order == "last_first")

    return {
        "first_name": parse_name,
        "middle_name": parse_name,
        "last_name": parse_name,
        "full_name": parse_whole_name,
        "work_email": partial(parse_best_email, role_accounts=role_accounts),
        "company_domain": parse_company_domain,
        "linkedin_id": parse_linkedin_id,
        "employee_count": parse_employee_count,
        "growth_rate": parse_growth_rate,
        "revenue_range": parse_revenue_range,
        "country": parse_country,
        "connected_on": lambda text: parse_date(text.removesuffix(" 00:00:00"), date_formats),
    }


def column_parsers(parsers: Mapping[str, Parser], name_order: str = "first_last") -> dict[str, ColumnParser]:
    """The same for columns of distinct values, plain ones all at once."""
    plain: dict[str, PlainParser] = {
        "first_name": find_plain_names,
        "middle_name": find_plain_names,
        "last_name": find_plain_names,
        "work_email": find_plain_emails,
        "company_domain": find_plain_domains,
        "linkedin_id": find_plain_profiles,
    }
    if name_order == "first_last":
        plain["full_name"] = find_plain_names
    return {
        field: partial(parse_distinct, parse=parse, find_plain=plain.get(field), dtype=DTYPES.get(field, "str"))
        for field, parse in parsers.items()
    }


def parse_text(values: pd.Series) -> Parsed:
    """Text of a field without a parser: what a link shows."""
    return parse_distinct(values, link_label, lambda texts: texts.where(~has_link(texts)))
