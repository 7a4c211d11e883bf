"""`imports.yaml`: which column is which field, and how values are read."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, Self

from pydantic import Field, PositiveInt, model_validator

from liendea_assets.core.settings import Settings
from liendea_assets.core.text import fold
from liendea_assets.imports.limits import WorkbookLimits
from liendea_assets.imports.model import GTM_FIELDS, LINKEDIN_FIELDS

_ANY_DAY = date(2026, 2, 8)


class ImportSettings(Settings):
    """The file's keys; the lists themselves stand in config/imports.yaml alone."""

    header_search_rows: PositiveInt = Field(default=20, le=1000)
    workbook_limits: WorkbookLimits = Field(default_factory=WorkbookLimits)
    null_values: tuple[str, ...]
    gtm_columns: dict[str, tuple[str, ...]]
    linkedin_columns: dict[str, tuple[str, ...]]
    linkedin_date_formats: tuple[str, ...]
    owners: dict[str, str] = Field(default_factory=dict)
    source_order: tuple[Literal["gtm", "linkedin"], ...]
    free_mail_domains: tuple[str, ...]
    role_accounts: tuple[str, ...]
    legal_forms: tuple[str, ...]
    country_names: dict[str, tuple[str, ...]]
    nicknames: dict[str, tuple[str, ...]]

    @model_validator(mode="after")
    def _columns_are_fields(self) -> Self:
        """A field that does not exist would drop its column from every file without a word."""
        _check_columns("gtm_columns", self.gtm_columns, GTM_FIELDS)
        _check_columns("linkedin_columns", self.linkedin_columns, LINKEDIN_FIELDS)
        return self

    @model_validator(mode="after")
    def _formats_read_what_they_write(self) -> Self:
        for form in self.linkedin_date_formats:
            try:
                is_usable = datetime.strptime(_ANY_DAY.strftime(form), form).date() == _ANY_DAY  # noqa: DTZ007 a date has no zone
            except ValueError:
                is_usable = False
            if not is_usable:
                raise ValueError(f"date formats with day, month and year in linkedin_date_formats (not {form!r})")
        return self


def _check_columns(key: str, columns: Mapping[str, Sequence[str]], fields: Sequence[str]) -> None:
    unknown = sorted(columns.keys() - set(fields))
    if unknown:
        raise ValueError(f"fields in {key} out of {', '.join(fields)} (not {', '.join(unknown)})")
    field_of: dict[str, str] = {}
    for field, names in columns.items():
        for name in names:
            other = field_of.setdefault(fold(name), field)
            if other != field:
                raise ValueError(f"each column name in {key} under one field ({name!r} stands under {other} and {field})")
