"""`imports.yaml`: which column is which field, and how values are read."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

import phonenumbers
from pydantic import AfterValidator, Field, PositiveInt, ValidationInfo, field_validator

from liendea_assets.core.settings import Settings
from liendea_assets.imports.limits import WorkbookLimits
from liendea_assets.imports.mapping import Constants, Mapping, Rules, check_aliases, check_mapping_names, matches_any
from liendea_assets.imports.model import COMPANY_FIELDS, CONTACT_FIELDS, GTM_FIELDS, LINKEDIN_FIELDS, NAME_PARTS
from liendea_assets.imports.parsers import PHONE_FIELDS, scalar_parsers
from liendea_assets.imports.telephones import parse_phone

_ANY_DAY = date(2026, 2, 8)
# Counted up when the code reads cells in another way: files of former versions are read again.
_READING_CODE_VERSION = 2


class ImportSettings(Settings):
    """The file's keys; the lists themselves stand in config/imports.yaml alone."""

    header_search_rows: PositiveInt = Field(default=20, le=1000)
    workbook_limits: WorkbookLimits = Field(default_factory=WorkbookLimits)
    null_values: tuple[str, ...]
    gtm_columns: dict[str, tuple[str, ...]]
    linkedin_columns: dict[str, tuple[str, ...]]
    country_names: dict[str, tuple[str, ...]]
    default_region: str | None = None
    mappings: Annotated[dict[str, Mapping], AfterValidator(check_mapping_names)] = Field(default_factory=dict)
    # patterns of file names → values of every row in such a file whose own cell is empty
    files: dict[str, Constants] = Field(default_factory=dict)
    validation: Rules = Field(default_factory=dict)
    linkedin_date_formats: tuple[str, ...]
    owners: dict[str, str] = Field(default_factory=dict)
    source_order: tuple[Literal["gtm", "linkedin"], ...]
    # fields whose order is another; "newest" asks only for the date
    field_source_order: dict[str, Literal["newest"] | tuple[Literal["gtm", "linkedin"], ...]] = Field(default_factory=dict)
    free_mail_domains: tuple[str, ...]
    role_accounts: tuple[str, ...]
    legal_forms: tuple[str, ...]
    leading_legal_forms: tuple[str, ...] = ()
    company_words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    nicknames: dict[str, tuple[str, ...]]

    def reading_version(self, file_name: str = "", mapping: str | None = None) -> str:
        """Changes with everything that decides how a GTM file's rows are read; a file that was read with another is read again.

        Args:
            file_name: whose constants count; empty for all.
            mapping: the one that the file was recognised by. Another one may only take over a file that none has recognised.
        """
        own = {name: one for name, one in self.mappings.items() if name == mapping}
        constants = [(pattern, given) for pattern, given in self.files.items() if not file_name or matches_any(file_name, (pattern,))]
        parts = (
            _READING_CODE_VERSION, self.header_search_rows, self.null_values, self.gtm_columns, self.country_names, self.default_region,
            own or self.mappings, constants, self.validation, self.free_mail_domains, self.role_accounts,
        )  # fmt: skip
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def orders_of_sources(self) -> dict[str, tuple[str, ...]]:
        """Field → sources, the first one wins; `""` stands for all fields that are not named."""
        return {
            "": tuple(self.source_order),
            **{field: () if order == "newest" else order for field, order in self.field_source_order.items()},
        }

    @field_validator("gtm_columns")
    @classmethod
    def _gtm_columns_are_fields(cls, columns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return _checked_columns(columns, GTM_FIELDS + NAME_PARTS)

    @field_validator("field_source_order")
    @classmethod
    def _ordered_fields_exist(cls, orders: dict[str, object]) -> dict[str, object]:
        known = sorted({*COMPANY_FIELDS, *CONTACT_FIELDS} - {"company_id"})
        unknown = sorted(orders.keys() - set(known))
        if unknown:
            raise ValueError(f"fields out of {', '.join(known)} (not {', '.join(unknown)})")
        return orders

    @field_validator("linkedin_columns")
    @classmethod
    def _linkedin_columns_are_fields(cls, columns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return _checked_columns(columns, LINKEDIN_FIELDS)

    @field_validator("default_region")
    @classmethod
    def _region_has_telephones(cls, region: str | None) -> str | None:
        if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError("a country of ISO 3166-1 in two capital letters, such as US or DE")
        return region

    @field_validator("mappings")
    @classmethod
    def _constants_of_mappings_can_be_read(cls, mappings: dict[str, Mapping], info: ValidationInfo) -> dict[str, Mapping]:
        for name, mapping in mappings.items():
            _check_constants(f"{name}.constants", mapping.constants, info.data)
        return mappings

    @field_validator("files")
    @classmethod
    def _constants_of_files_can_be_read(cls, files: dict[str, Constants], info: ValidationInfo) -> dict[str, Constants]:
        for pattern, constants in files.items():
            _check_constants(pattern, constants, info.data)
        return files

    @field_validator("linkedin_date_formats")
    @classmethod
    def _formats_read_what_they_write(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for form in formats:
            try:
                is_usable = datetime.strptime(_ANY_DAY.strftime(form), form).date() == _ANY_DAY  # noqa: DTZ007 a date has no zone
            except ValueError:
                is_usable = False
            if not is_usable:
                raise ValueError(f"date formats with day, month and year (not {form!r})")
        return formats


def _checked_columns(columns: dict[str, tuple[str, ...]], fields: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """A field that does not exist would drop its column from every file without a word."""
    unknown = sorted(columns.keys() - set(fields))
    if unknown:
        raise ValueError(f"fields out of {', '.join(fields)} (not {', '.join(unknown)})")
    return check_aliases(columns)


def _check_constants(where: str, constants: Constants, settings: dict[str, Any]) -> None:
    """A constant that cannot be read would be refused in every row of a file."""
    parsers = scalar_parsers(settings.get("country_names", {}), frozenset(), ())
    for field, value in constants.items():
        try:
            if field in PHONE_FIELDS:
                parse_phone(str(value), settings.get("default_region"))
            elif field in parsers:
                parsers[field](str(value))
        except ValueError as error:
            raise ValueError(f"a constant that can be read ({where}.{field}: {error})") from None
