"""The mappings of `imports.yaml`: layouts known by their headers, what their columns are, and what their values must be."""

import re
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from liendea_assets.core.settings import Settings
from liendea_assets.core.text import fold
from liendea_assets.imports.linkedin_layout import LINKEDIN_CONNECTIONS
from liendea_assets.imports.model import DEFAULT_MAPPING, GTM_FIELDS, NAME_PARTS

MAPPED_FIELDS = GTM_FIELDS + NAME_PARTS
NUMBER_FIELDS = ("employee_count", "growth_rate")


def check_field(name: str) -> str:
    """A field that does not exist would drop its column from every file without a word."""
    if name not in MAPPED_FIELDS:
        raise ValueError(f"a field out of {', '.join(MAPPED_FIELDS)} (not {name!r})")
    return name


def check_aliases(columns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Raises ValueError where a column's name stands under two fields."""
    field_of: dict[str, str] = {}
    for field, names in columns.items():
        for name in names:
            other = field_of.setdefault(fold(name), field)
            if other != field:
                raise ValueError(f"each column name under one field ({name!r} stands under {other} and {field})")
    return columns


FieldName = Annotated[str, AfterValidator(check_field)]
Aliases = Annotated[dict[FieldName, tuple[str, ...]], AfterValidator(check_aliases)]
Constants = dict[FieldName, str | int | float]


class Rule(Settings):
    """What the value of a field must be, once it is read. A value that is not is refused, with the rule as the reason.

    Attributes:
        allowed: the only values, compared without case, accents and punctuation; the spelling here is the one that lands.
        pattern: a regular expression that the whole value matches.
        min: the least number.
        max: the greatest number.
    """

    allowed: tuple[str, ...] | None = Field(default=None, min_length=1)
    pattern: str | None = None
    min: float | None = None
    max: float | None = None

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"a regular expression (this one is none: {error})") from None
        return pattern

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self == Rule.model_construct():
            raise ValueError("at least one of allowed, pattern, min, max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"a min that is not above the max (not {self.min} and {self.max})")
        return self


def check_rules(rules: dict[str, Rule]) -> dict[str, Rule]:
    """Raises ValueError where a rule asks of text what only numbers have, or the other way round."""
    for field, rule in rules.items():
        is_number = field in NUMBER_FIELDS
        if is_number and (rule.allowed or rule.pattern):
            raise ValueError(f"min and max for {field}, which is a number (not allowed or pattern)")
        if not is_number and (rule.min is not None or rule.max is not None):
            raise ValueError(f"allowed and pattern for {field}, which is text (not min or max)")
        if field in NAME_PARTS:
            raise ValueError(f"rules for fields that land (not {field}, which becomes part of the names)")
    return rules


Rules = Annotated[dict[FieldName, Rule], AfterValidator(check_rules)]


class Mapping(Settings):
    """One layout of a workbook or CSV. The first in the file whose conditions all hold is taken; else the general column names.

    Attributes:
        recognised_by: columns that the header must have.
        sheet_names: patterns (`Contacts*`) of which the sheet's name must match one; a CSV's is its file's name.
        file_names: patterns of which the file's name must match one.
        inherit: whether gtm_columns counts for columns that this mapping does not name.
        columns: field → names of its columns.
        constants: field → value of every row whose own cell is empty.
        required: fields without which a row is rejected.
        validation: field → what its values must be, in place of the general rule.
        name_order: which part of a full name without a comma comes first.
    """

    recognised_by: tuple[str, ...] = ()
    sheet_names: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()
    inherit: bool = True
    columns: Aliases = Field(default_factory=dict)
    constants: Constants = Field(default_factory=dict)
    required: tuple[FieldName, ...] = ()
    validation: Rules = Field(default_factory=dict)
    name_order: Literal["first_last", "last_first"] = "first_last"

    @field_validator("recognised_by", "sheet_names", "file_names")
    @classmethod
    def _names_are_filled(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if any(not name.strip() for name in names):
            raise ValueError("names that are not empty")
        return names

    @field_validator("required")
    @classmethod
    def _required_land(cls, required: tuple[str, ...]) -> tuple[str, ...]:
        if parts := [name for name in required if name in NAME_PARTS]:
            raise ValueError(f"fields that land (not {', '.join(parts)}, which become part of the names)")
        return required

    @model_validator(mode="after")
    def _can_be_recognised(self) -> Self:
        if not (self.recognised_by or self.sheet_names or self.file_names):
            raise ValueError("recognised_by, sheet_names or file_names: what the layout is known by")
        return self

    def fits_place(self, file_name: str, sheet_name: str) -> bool:
        """Whether the names of file and sheet are among those that the mapping is for."""
        return matches_any(file_name, self.file_names) and matches_any(sheet_name, self.sheet_names)


def matches_any(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name, or its last part, matches one of the patterns, without regard to case; no pattern at all matches everything."""
    names = (name.lower(), name.lower().rpartition("/")[2])
    return not patterns or any(fnmatchcase(each, pattern.lower()) for pattern in patterns for each in names)


def check_mapping_names(mappings: dict[str, Mapping]) -> dict[str, Mapping]:
    """Raises ValueError for the names that are taken."""
    if DEFAULT_MAPPING in mappings:
        raise ValueError(f"names other than {DEFAULT_MAPPING!r}, which stands for gtm_columns")
    if LINKEDIN_CONNECTIONS in mappings:
        raise ValueError(f"names other than {LINKEDIN_CONNECTIONS!r}, which stands for linkedin_columns")
    return mappings
