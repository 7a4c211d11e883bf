from datetime import date

import pytest

from liendea_assets.core.errors import BadValue, UnknownRecord
from liendea_assets.db.connection import Database
from liendea_assets.outreach.consents import add_consent, withdraw_consent
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact, change_contact
from liendea_assets_tests.outreach.gate.worlds import World


def test_consent_opens_the_gate_and_its_withdrawal_closes_it(db: Database, clock: VirtualClock) -> None:
    world = World(db, clock.now())
    change_contact(db, 1, country="DE")
    assert world.blocking() == {"legal_basis"}
    add_consent(db, 1, "form of the fair, box 3", date(2026, 10, 1), "kim", clock)
    assert world.blocking() == set()
    assert withdraw_consent(db, 1, clock) == 1
    assert world.blocking() == {"legal_basis"}
    assert withdraw_consent(db, 1, clock) == 0
    clock.sleep(1)
    world.now = clock.now()
    add_consent(db, 1, "form again", clock.now().date(), "kim", clock)
    assert world.blocking() == set()


def test_withdrawal_ends_the_consents_of_everybody_who_is_this_person(db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2, 3):
        add_contact(db, contact_id)
        add_consent(db, contact_id, "form", None, "kim", clock)
    db.table("contacts").update(2, {"merged_into": 1})
    assert withdraw_consent(db, 2, clock) == 2
    assert [row["contact_id"] for row in db.table("contact_consents").rows_where("withdrawn_at IS NULL")] == [3]


def test_consent_to_come_without_evidence_or_of_nobody_is_refused(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    with pytest.raises(BadValue, match="still to come"):
        add_consent(db, 1, "form", date(2026, 10, 6), "kim", clock)
    with pytest.raises(BadValue, match="evidence"):
        add_consent(db, 1, "  ", None, "kim", clock)
    with pytest.raises(UnknownRecord, match="no contact 5"):
        add_consent(db, 5, "form", None, "kim", clock)
    with pytest.raises(UnknownRecord, match="no contact 5"):
        withdraw_consent(db, 5, clock)
    assert db.table("contact_consents").count == 0
