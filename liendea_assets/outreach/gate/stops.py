"""Whether a person's sequence was stopped, for those who only want to know that."""

import sqlite3

from liendea_assets.outreach.gate import fact_store as store


def is_stopped(connection: sqlite3.Connection, contact_id: int | None, company_id: int | None) -> str | None:
    """Why nothing more is sent to a person, or to anybody at a company; None where nothing stands against it.

    Whoever is part of the same person, or company, by now counts as well.
    """
    if contact_id is not None:
        people = store.read_families(connection, [contact_id]).get(contact_id, (contact_id,))
        for stops in store.read_of(connection, store.READ_CONTACT_STOPS, people).values():
            return str(stops[0]["reason"])
    if company_id is not None:
        companies = store.read_company_families(connection, [company_id]).get(company_id, (company_id,))
        for stops in store.read_of(connection, store.READ_COMPANY_STOPS, companies).values():
            return str(stops[0]["reason"])
    return None
