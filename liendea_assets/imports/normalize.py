"""From raw rows to landing rows: every value normalised, every refusal with its reason. Column by column, on distinct values."""

from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence

import numpy as np
import pandas as pd

from liendea_assets.imports.amounts import LARGEST_GROWTH_FRACTION, plain_growth
from liendea_assets.imports.date_orders import settle_date_formats
from liendea_assets.imports.distinct import DistinctColumn, Parsed, to_distinct
from liendea_assets.imports.emails import find_email_kinds
from liendea_assets.imports.headers import field_of_alias
from liendea_assets.imports.layouts import columns_of
from liendea_assets.imports.mapping import Mapping, Rule, matches_any
from liendea_assets.imports.model import GTM_FIELDS, LINKEDIN_FIELDS, NAME_PARTS, Landed, SourcePart
from liendea_assets.imports.parsers import DTYPES, PHONE_FIELDS, column_parsers, parse_text, scalar_parsers
from liendea_assets.imports.person_names import split_names
from liendea_assets.imports.rules import apply_rule
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.source_columns import SourceColumns
from liendea_assets.imports.telephones import parse_phones
from liendea_assets.imports.value_classes import value_class

# Nothing of such a row can be corrected.
CLOSED_PROFILE = "closed or hidden profile: LinkedIn left only the date"
REJECTION_COLUMNS = ("part", "row_number", "row_index", "field_name", "column_name", "value_class", "reason")


def land_gtm(part: SourcePart, settings: ImportSettings, file_name: str = "", *, in_percent: bool = False) -> Landed:
    """A sheet's rows with `GTM_FIELDS`. A value that cannot be read is dropped and noted; a row without a name is rejected.

    Args:
        file_name: the file's, by which imports.yaml may give constants, unless the rows come from another one.
        in_percent: `says_percent` of the table that these are some rows of.
    """
    mapping = settings.mappings.get(part.mapping)
    names = columns_of(mapping, settings) if mapping else field_of_alias(settings.gtm_columns)
    constants = dict(mapping.constants) if mapping else {}
    for pattern, values in settings.files.items():
        if matches_any(part.origin.file_name if part.origin else file_name, (pattern,)):
            constants |= values
    return _land(
        part, settings, GTM_FIELDS, names, mapping, {field: str(value) for field, value in constants.items()}, in_percent=in_percent
    )


def says_percent(part: SourcePart) -> bool:
    """Whether a sheet's plain growth numbers are in percent, which shows in all of its rows, or where these come from."""
    if part.origin is not None and part.origin.in_percent:
        return True
    growth = part.fields().get("growth_rate")
    return growth is not None and _says_percent(pd.Series(growth.dropna().unique(), dtype="str"))


def land_linkedin(part: SourcePart, settings: ImportSettings, date_formats: tuple[str, ...] | None = None) -> Landed:
    """The rows of a Connections.csv with `LINKEDIN_FIELDS`. A row that holds only a date is a closed or hidden profile.

    Args:
        date_formats: `settle_date_formats` of the table that these are some rows of; None where these are all.
    """
    formats = settle_date_formats(part, settings) if date_formats is None else date_formats
    return _land(part, settings, LINKEDIN_FIELDS, field_of_alias(settings.linkedin_columns), None, {}, date_formats=formats)


def _land(
    part: SourcePart,
    settings: ImportSettings,
    fields: Sequence[str],
    names: AnyMapping[str, str],
    mapping: Mapping | None,
    constants: AnyMapping[str, str],
    *,
    in_percent: bool = False,
    date_formats: tuple[str, ...] = (),
) -> Landed:
    source = SourceColumns(part, settings.null_values, constants)
    is_header = source.find_repeated_headers(names)
    is_void = is_header.copy()
    is_void[list(part.faults)] = True
    order = mapping.name_order if mapping else "first_last"
    scalar = scalar_parsers(settings.country_names, frozenset(settings.role_accounts), date_formats, order)
    parsers = column_parsers(scalar, order)
    rules = settings.validation | (mapping.validation if mapping else {})
    values: dict[str, pd.Series] = {}
    refused = []
    # a telephone number is read by the row's country
    for field in sorted((*fields, *NAME_PARTS), key=lambda name: name in PHONE_FIELDS):
        landed = pd.Series(pd.NA, index=range(len(part.cells)), dtype=DTYPES.get(field, "str"))
        for position, (name, cells) in enumerate(source.take(field)):
            if field in PHONE_FIELDS:
                column, regions = _with_regions(cells, values.get("country"), settings.default_region)
                parsed = parse_phones(column.values, regions)
            else:
                column = cells
                texts = _as_percent_where_meant(column.values, in_percent) if field == "growth_rate" else column.values
                parsed = parsers.get(field, parse_text)(texts)
            parsed = _apply_rule(rules.get(field), parsed)
            # of several columns that are one field the first value that can be read counts, and those after it are not looked at
            is_decided = landed.notna().to_numpy(dtype=bool)
            refused.append(_refusals(field, name, column, parsed, is_void | is_decided))
            found = column.to_rows(parsed.values)
            landed = landed.where(is_decided, found) if position else found
        values[field] = landed.mask(is_void) if is_void.any() else landed
    _complete_names(values)
    rows = pd.DataFrame({"row_number": part.numbers.array, **{field: values[field].array for field in fields}})
    rows["email_kind"] = _email_kinds(rows["work_email"], settings)
    whole = _row_reasons(part, rows, is_header, mapping, fields)
    refused.append(pd.DataFrame({"row_index": whole.index, "reason": whole.array}, dtype=object))
    rows.insert(0, "part", pd.Series(part.part, index=rows.index, dtype="str"))
    rows.insert(2, "verdict", pd.Series("accepted", index=rows.index, dtype="str").mask(rows.index.isin(whole.index), "rejected"))
    return Landed(rows, _rejections(part, refused))


def _apply_rule(rule: Rule | None, parsed: Parsed) -> Parsed:
    return parsed if rule is None else apply_rule(rule, parsed)


def _with_regions(column: DistinctColumn, countries: pd.Series | None, default: str | None) -> tuple[DistinctColumn, pd.Series]:
    """The column by distinct pairs of number and country, and the country of each pair; a number that says its own needs none."""
    is_national = ~column.values.str.match(r"^(?:tel:)?(?:\+|00)").fillna(True).to_numpy(dtype=bool)
    known = to_distinct(countries) if countries is not None else None
    regions = np.array([default, *(known.values.tolist() if known is not None else [])], dtype=object)
    region_of_row = (known.codes + 1) if known is not None else np.zeros(len(column.codes), dtype=np.int64)
    is_empty = column.codes < 0
    pairs = column.codes * len(regions) + np.where(np.append(is_national, False)[column.codes], region_of_row, 0)
    pairs[is_empty] = -1
    distinct, codes = np.unique(pairs, return_inverse=True)
    offset = int(len(distinct) > 0 and distinct[0] == -1)
    distinct = distinct[offset:]
    texts = column.values.iloc[distinct // len(regions)].reset_index(drop=True)
    region = pd.Series(regions[distinct % len(regions)], index=texts.index, dtype="str")
    return DistinctColumn(texts, codes.astype(np.int64) - offset), region


def _as_percent_where_meant(growth: pd.Series, in_percent: bool) -> pd.Series:
    """Plain numbers of a column are all in percent where one of them can be nothing else: 1.5 beside 20 is 1.5 %."""
    return as_percent(growth) if in_percent or _says_percent(growth) else growth


def as_percent(growth: pd.Series) -> pd.Series:
    """Growth with plain numbers spelt as percentages."""
    bare = _plain_numbers(growth)
    return growth.where(bare.isna(), bare + "%")


def _says_percent(growth: pd.Series) -> bool:
    numbers = _plain_numbers(growth).dropna().str.replace(",", ".", regex=False).astype(float)
    return bool((numbers.abs() > LARGEST_GROWTH_FRACTION).any())


def _plain_numbers(growth: pd.Series) -> pd.Series:
    bare = pd.Series([plain_growth(text) if isinstance(text, str) else None for text in growth], index=growth.index, dtype="str")
    return bare.where(bare.str.fullmatch(r"[+-]?\d{1,300}(?:[.,]\d+)?").fillna(False).astype(bool))


def _email_kinds(addresses: pd.Series, settings: ImportSettings) -> pd.Series:
    column = to_distinct(addresses)
    kinds = find_email_kinds(column.values, frozenset(settings.role_accounts), frozenset(settings.free_mail_domains))
    return column.to_rows(kinds)


def _refusals(field: str, name: str | None, column: DistinctColumn, parsed: Parsed, is_passed: np.ndarray) -> pd.DataFrame:
    """The values of a column that cannot be read, but for the rows that are passed over.

    Args:
        name: the column's in the source; None for a constant.
    """
    bad = np.zeros(len(column.values) + 1, dtype=bool)
    bad[list(parsed.reasons)] = True
    rows = (bad[column.codes] & ~is_passed).nonzero()[0]
    codes = column.codes[rows].tolist()
    classes = {code: value_class(column.values.iloc[code]) for code in parsed.reasons}
    return pd.DataFrame(
        {
            "row_index": rows,
            "field_name": field,
            "column_name": name,
            "value_class": [classes[code] for code in codes],
            "reason": [parsed.reasons[code] for code in codes],
        },
        dtype=object,
    )


def _complete_names(values: dict[str, pd.Series]) -> None:
    """Makes a full name of its parts, and parts of a full name."""
    joined = values["first_name"].fillna("")
    for name in ("middle_name", "last_name", "name_suffix"):
        if values[name].notna().any():
            joined = joined + " " + values[name].fillna("")
    joined = joined.str.replace("  +", " ", regex=True).str.strip()
    full = values["full_name"].where(values["full_name"].notna(), joined.where(joined != ""))
    values["full_name"] = full
    is_joined = values["first_name"].isna() & values["last_name"].isna() & full.notna()
    if is_joined.any():
        column = to_distinct(full[is_joined].reset_index(drop=True))
        for name, parts in zip(("first_name", "last_name"), split_names(column.values), strict=True):
            split = values[name].copy()
            split[is_joined] = column.to_rows(parts).array
            values[name] = split


def _row_reasons(part: SourcePart, rows: pd.DataFrame, is_header: np.ndarray, mapping: Mapping | None, fields: Sequence[str]) -> pd.Series:
    """Position of a row → why it is rejected as a whole; what keeps it from being read comes first."""
    reasons = pd.Series(None, index=rows.index, dtype="str")
    for field in reversed(mapping.required if mapping else ()):
        reasons[rows[field].isna()] = f"no {field}, which the mapping {part.mapping} requires"
    is_nameless = rows["full_name"].isna()
    reasons[is_nameless] = "no name"
    if "connected_on" in fields and is_nameless.any():
        others = [field for field in fields if field not in ("full_name", "connected_on")]
        is_closed = is_nameless & rows.loc[is_nameless, others].isna().all(axis=1).reindex(rows.index, fill_value=False)
        reasons[is_closed] = CLOSED_PROFILE
    reasons[is_header] = "repeats the header"
    for position, reason in part.faults.items():
        reasons[position] = reason
    return reasons.dropna()


def _rejections(part: SourcePart, refused: Sequence[pd.DataFrame]) -> pd.DataFrame:
    found = [frame for frame in refused if len(frame)]
    if not found:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in REJECTION_COLUMNS})
    rejections = pd.concat(found, ignore_index=True).reindex(columns=list(REJECTION_COLUMNS)).astype(object)
    rejections["part"] = part.part
    rejections["row_number"] = part.numbers.to_numpy()[rejections["row_index"].astype("int64")]
    return rejections
