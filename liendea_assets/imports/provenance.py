"""Where each value of one contact comes from: source, file, place, date; and which rows made the contact, and why."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import BadValue, UnknownRecord
from liendea_assets.db.connection import Database, to_records
from liendea_assets.imports import store
from liendea_assets.imports.model import CONTACT_FIELDS
from liendea_assets.imports.parsers import column_parsers, parse_text, scalar_parsers
from liendea_assets.imports.rules import apply_rule
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.survivorship import best_rows
from liendea_assets.imports.value_classes import value_class
from liendea_assets.imports.values import clean_text

# What a user may set by hand; ids and keys follow from the rows.
FIELDS_BY_HAND = ("full_name", "first_name", "last_name", "title", "industry", "country")
_ALLOWED = {
    "full_name": "a name",
    "first_name": "a name",
    "last_name": "a name",
    "country": "a code of two letters, or a name under country_names in imports.yaml",
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """One contact, explained.

    Attributes:
        contact_id: the contact in force; another than was asked for where that one is part of it now.
        values: `field`, `value`, `source` (gtm, linkedin, owner, manual), `file`, `part`, `row_number`, `dated_at`.
        rows: `source`, `row_id`, `file`, `part`, `row_number`, `dated_at`, `is_current`, `evidence`, `is_anchor`.
    """

    contact_id: int
    values: pd.DataFrame
    rows: pd.DataFrame


def explain_contact(db: Database, contact_id: int, settings: ImportSettings) -> Provenance:
    """The rows and values of a contact.

    Raises:
        UnknownRecord: there is no such contact.
    """
    found = store.find_contact(db, contact_id)
    if found is None:
        raise UnknownRecord(f"no contact {contact_id}")
    facts = store.read_contact_rows(db, found)
    facts = store.with_files(db, facts)
    filled = {field: facts[field].notna().to_numpy() for field in CONTACT_FIELDS}
    best = best_rows(facts, np.full(len(facts), found), filled, settings.orders_of_sources())
    by_hand = store.read_manual_values(db)
    by_hand = by_hand[by_hand["contact_id"] == found].drop_duplicates("field", keep="last").set_index("field")
    columns = ["field", "value", "source", "file", "part", "row_number", "dated_at"]
    places = to_records(facts)
    told: list[dict[str, object]] = []
    for field in CONTACT_FIELDS:
        # a contact whose rows were erased has values set by hand alone
        place = int(best[field].iloc[0]) if len(facts) else -1
        if field in by_hand.index:
            told.append(
                {"field": field, "value": by_hand.loc[field, "value"], "source": "manual", "dated_at": by_hand.loc[field, "set_at"]}
            )
        elif place >= 0:
            row = places[place]
            told.append({"field": field, "value": row[field]} | {name: row[name] for name in columns[2:]})
    shown = ["source", "row_id", "file", "part", "row_number", "dated_at", "is_current", "evidence", "is_anchor"]
    return Provenance(found, pd.DataFrame(told, columns=columns), facts[shown])


def set_by_hand(db: Database, contact_id: int, field: str, value: str | None, settings: ImportSettings, clock: Clock) -> None:
    """Sets a value that no import overwrites, from the next materialisation of contacts on; None takes it back.

    It is read as a cell of a table is, so that `Germany` is DE.

    Raises:
        UnknownRecord: there is no such contact, or no such field.
        BadValue: an import would refuse it, or it is empty.
    """
    found = store.find_contact(db, contact_id)
    if found is None:
        raise UnknownRecord(f"no contact {contact_id}")
    if field not in FIELDS_BY_HAND:
        raise UnknownRecord(f"no field {field!r} that is set by hand; allowed are {', '.join(FIELDS_BY_HAND)}")
    read = None if value is None else _read(contact_id, field, value, settings)
    store.set_manual_value(db, found, field, read, to_text(clock.now()))


def _read(contact_id: int, field: str, value: str, settings: ImportSettings) -> str:
    allowed = _ALLOWED.get(field, "text")
    text = clean_text(value)
    if text is None or text.casefold() in {null.casefold() for null in settings.null_values}:
        back = f"leave VALUE out to take a value back: `liendea person set {contact_id} {field}`"
        raise BadValue(f"{field}: found nothing; allowed is {allowed}; {back}")
    scalar = scalar_parsers(settings.country_names, frozenset(settings.role_accounts), settings.linkedin_date_formats)
    parsed = column_parsers(scalar).get(field, parse_text)(pd.Series([text], dtype="str"))
    if field in settings.validation:
        parsed = apply_rule(settings.validation[field], parsed)
    (read,) = parsed.values.tolist()
    if pd.isna(read):
        reason = next(iter(parsed.reasons.values()), "nothing of it is left to read")
        raise BadValue(f"{field}: found {value_class(text)}, {reason}; allowed is {allowed}")
    return str(read)
