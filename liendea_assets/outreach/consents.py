"""Consents to be written to, recorded by hand with their evidence. A consent counts for everybody who is the same person."""

from datetime import date

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import BadValue, UnknownRecord
from liendea_assets.db.connection import Database
from liendea_assets.outreach.gate import fact_store
from liendea_assets.outreach.gate import record_store as store


def add_consent(db: Database, contact_id: int, evidence: str, given_on: date | None, recorded_by: str, clock: Clock) -> int:
    """Records a consent. Returns its id.

    Args:
        evidence: how the person gave it, and where that can be seen.
        given_on: None for this moment.

    Raises:
        UnknownRecord: there is no such contact. BadValue: no evidence, or a day that is still to come.
    """
    now = clock.now()
    if given_on is not None and given_on > now.date():
        raise BadValue(f"{given_on} is still to come; a consent was given on {now.date()} or before")
    if not evidence.strip():
        raise BadValue("a consent needs its evidence: how it was given, and where that can be seen")
    if not store.has_contact(db, contact_id):
        raise UnknownRecord(f"there is no contact {contact_id}")
    given_at = to_text(now) if given_on in (None, now.date()) else f"{given_on} 00:00:00.000000"
    return store.add_consent(
        db, {"contact_id": contact_id, "evidence": evidence.strip(), "given_at": given_at, "by": recorded_by, "now": to_text(now)}
    )


def withdraw_consent(db: Database, contact_id: int, clock: Clock) -> int:
    """Ends all consents of the person who this contact is. Returns how many were in force.

    Raises:
        UnknownRecord: there is no such contact.
    """
    if not store.has_contact(db, contact_id):
        raise UnknownRecord(f"there is no contact {contact_id}")
    people = fact_store.read_families(db.conn, [contact_id]).get(contact_id, (contact_id,))
    return store.withdraw_consents(db, people, to_text(clock.now()))
