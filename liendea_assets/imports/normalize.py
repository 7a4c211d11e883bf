"""From raw rows to landing rows: every value normalised, every refusal with its reason. Works on distinct values."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports import values
from liendea_assets.imports.headers import FEWEST_FIELDS
from liendea_assets.imports.model import GTM_FIELDS, LINKEDIN_FIELDS, Landed, SourcePart
from liendea_assets.imports.settings import ImportSettings

REJECTION_COLUMNS = ("part", "row_number", "column_name", "field_name", "value_class", "reason")

Parser = Callable[[str], object]


def land_gtm(part: SourcePart, settings: ImportSettings) -> Landed:
    """A sheet's rows with `GTM_FIELDS`. A value that cannot be read is dropped and noted; a row without a name is rejected."""
    return _land(part, settings, GTM_FIELDS, settings.gtm_columns)


def land_linkedin(part: SourcePart, settings: ImportSettings) -> Landed:
    """The rows of a Connections.csv with `LINKEDIN_FIELDS`. A row that holds only a date is a closed or hidden profile."""
    return _land(part, settings, LINKEDIN_FIELDS, settings.linkedin_columns)


def _land(part: SourcePart, settings: ImportSettings, fields: Sequence[str], columns: Mapping[str, Sequence[str]]) -> Landed:
    nulls = {null.casefold() for null in settings.null_values}
    parsers = _parsers(settings)
    source = part.fields()
    rows = pd.DataFrame({"row_number": part.numbers})
    rejections = []
    for field in fields:
        raw = source[field] if field in source else pd.Series(None, index=rows.index, dtype=object)
        cleaned = raw.map(lambda value: _or_null(values.clean_text(value), nulls), na_action="ignore").astype(object)
        if field == "growth_rate":
            cleaned = _as_percent_where_meant(cleaned)
        rows[field], reasons = parse_distinct(cleaned, parsers.get(field))
        rejections.append(_field_rejections(part, rows, field, reasons))
    _complete_names(rows)
    is_header = _repeats_header(source, columns)
    is_rejected = rows["full_name"].isna() | is_header
    has_other = rows.drop(columns=["row_number", "full_name", "connected_on"], errors="ignore").notna().any(axis=1)
    whole = rows.loc[is_rejected, ["row_number"]].assign(column_name=None, part=part.part)
    causes = zip(is_header[is_rejected], has_other[is_rejected], strict=True)
    whole["reason"] = ["repeats the header" if repeats else _nameless_reason(other, fields) for repeats, other in causes]
    rejections.append(whole)
    rows["email_kind"] = None
    rows.insert(0, "part", part.part)
    rows.insert(2, "verdict", is_rejected.map({True: "rejected", False: "pending"}))
    return Landed(rows, pd.concat(rejections, ignore_index=True).reindex(columns=list(REJECTION_COLUMNS)), part.blank)


def parse_distinct(column: pd.Series, parser: Parser | None) -> tuple[pd.Series, pd.Series]:
    """Values and refusal reasons of a column of text, parsing each distinct value once.

    Returns:
        Two columns of the same index: the parsed values (None where empty or refused) and the reasons (None where all is well).
    """
    if parser is None:
        return column, pd.Series(None, index=column.index, dtype=object)
    parsed: dict[object, object] = {}
    reasons: dict[object, str] = {}
    for value in column.dropna().unique():
        try:
            parsed[value] = parser(str(value))
        except ValueError as error:
            reasons[value] = str(error)
    return column.map(parsed).astype(object), column.map(reasons).astype(object)


def _parsers(settings: ImportSettings) -> dict[str, Parser]:
    countries = {fold(name): code for code, names in settings.country_names.items() for name in (code, *names)}

    def parse_country(text: str) -> str:
        code = countries.get(fold(text)) or (text.upper() if len(text) == 2 and text.isascii() and text.isalpha() else None)
        if code is None:
            raise ValueError("not a country that country_names in imports.yaml knows")
        return code

    return {
        "first_name": values.parse_person_name,
        "last_name": values.parse_person_name,
        "full_name": values.parse_full_name,
        "work_email": values.parse_email,
        "company_domain": values.parse_domain,
        "linkedin_id": values.parse_linkedin_id,
        "employee_count": values.parse_employee_count,
        "growth_rate": values.parse_growth_rate,
        "work_phone": values.parse_phone,
        "mobile_phone": values.parse_phone,
        "country": parse_country,
        "connected_on": lambda text: values.parse_date(text.removesuffix(" 00:00:00"), settings.linkedin_date_formats),
    }


def _repeats_header(raw: pd.DataFrame, columns: Mapping[str, Sequence[str]]) -> pd.Series:
    """Rows in which every filled cell is a name of its own column, as where two tables were put one below the other."""
    fields = [field for field in raw.columns if field in columns]
    names = {field: {fold(name) for name in (field, *columns[field])} for field in fields}
    texts = raw[fields].astype(object).apply(lambda column: column.map(lambda cell: fold(str(cell)), na_action="ignore"))
    is_name = pd.DataFrame({field: texts[field].isin(names[field]) for field in fields}, index=raw.index)
    return (is_name.sum(axis=1) >= FEWEST_FIELDS) & (is_name.sum(axis=1) == raw[fields].notna().sum(axis=1))


def _as_percent_where_meant(growth: pd.Series) -> pd.Series:
    """Plain numbers of a column are all in percent where one of them can be nothing else: 1.5 beside 20 is 1.5 %."""
    is_plain = growth.astype(object).str.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", na=False).astype(bool)
    numbers = growth[is_plain].str.replace(",", ".").astype(float)
    if not (numbers.abs() > values.LARGEST_GROWTH_FRACTION).any():
        return growth
    return growth.where(~is_plain, growth.astype(object) + "%")


def _or_null(text: str | None, nulls: set[str]) -> str | None:
    return None if text is None or text.casefold() in nulls else text


def _field_rejections(part: SourcePart, rows: pd.DataFrame, field: str, reasons: pd.Series) -> pd.DataFrame:
    refused = reasons.dropna()
    return pd.DataFrame(
        {"part": part.part, "row_number": rows.loc[refused.index, "row_number"], "column_name": field, "reason": refused}, dtype=object
    )


def _complete_names(rows: pd.DataFrame) -> None:
    """Makes a full name of the two parts, and parts of a full name (the last word is the last name)."""
    joined = rows["first_name"].fillna("").astype(str) + " " + rows["last_name"].fillna("").astype(str)
    joined = joined.str.strip().astype(object)
    rows["full_name"] = rows["full_name"].where(rows["full_name"].notna(), joined.where(joined != "", None))
    is_joined = rows["first_name"].isna() & rows["last_name"].isna() & rows["full_name"].notna()
    words = rows.loc[is_joined, "full_name"].astype(str).str.rsplit(" ", n=1)
    rows.loc[is_joined, "last_name"] = words.str[-1].astype(object)
    rows.loc[is_joined, "first_name"] = [parts[0] if len(parts) > 1 else None for parts in words]


def _nameless_reason(has_other: bool, fields: Sequence[str]) -> str:
    if not has_other and "connected_on" in fields:
        return "closed or hidden profile: LinkedIn left only the date"
    return "no name"
