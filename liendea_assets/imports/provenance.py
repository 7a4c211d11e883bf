"""Where each value of one contact comes from: source, file, place, date; and which rows made the contact, and why."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import UnknownRecord
from liendea_assets.db.connection import Database, to_records
from liendea_assets.imports import store
from liendea_assets.imports.model import CONTACT_FIELDS
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.survivorship import best_rows

# What a user may set by hand; ids and keys follow from the rows.
FIELDS_BY_HAND = ("full_name", "first_name", "last_name", "title", "industry", "country")


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
        place = int(best[field].iloc[0])
        if field in by_hand.index:
            told.append(
                {"field": field, "value": by_hand.loc[field, "value"], "source": "manual", "dated_at": by_hand.loc[field, "set_at"]}
            )
        elif place >= 0:
            row = places[place]
            told.append({"field": field, "value": row[field]} | {name: row[name] for name in columns[2:]})
    shown = ["source", "row_id", "file", "part", "row_number", "dated_at", "is_current", "evidence", "is_anchor"]
    return Provenance(found, pd.DataFrame(told, columns=columns), facts[shown])


def set_by_hand(db: Database, contact_id: int, field: str, value: str | None, clock: Clock) -> None:
    """Sets a value that no import overwrites, from the next materialisation of contacts on; None takes it back.

    Raises:
        UnknownRecord: there is no such contact, or no such field.
    """
    found = store.find_contact(db, contact_id)
    if found is None:
        raise UnknownRecord(f"no contact {contact_id}")
    if field not in FIELDS_BY_HAND:
        raise UnknownRecord(f"no field {field!r} that is set by hand; allowed are {', '.join(FIELDS_BY_HAND)}")
    store.set_manual_value(db, found, field, value, to_text(clock.now()))
