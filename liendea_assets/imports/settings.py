"""`imports.yaml`: which column is which field, and how values are read."""

from pydantic import Field, PositiveInt

from liendea_assets.core.settings import Settings


class ImportSettings(Settings):
    """The file's keys; the lists themselves stand in config/imports.yaml alone."""

    header_search_rows: PositiveInt = Field(default=20, le=1000)
    null_values: tuple[str, ...]
    gtm_columns: dict[str, tuple[str, ...]]
    linkedin_columns: dict[str, tuple[str, ...]]
    linkedin_date_formats: tuple[str, ...]
    owners: dict[str, str] = Field(default_factory=dict)
    source_order: tuple[str, ...]
    free_mail_domains: tuple[str, ...]
    role_accounts: tuple[str, ...]
    legal_forms: tuple[str, ...]
    country_names: dict[str, tuple[str, ...]]
    nicknames: dict[str, tuple[str, ...]]
