"""Each fact that a rule rests on is taken away or changed: exactly that rule blocks."""

import json
import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.db.connection import Database, transaction
from liendea_assets.db.migrations import open_migrated
from liendea_assets.outreach.gate.gate import ALL_RULES, PERSON_RULES, SENDING_RULES
from liendea_assets.outreach.settings import PublicSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_answer, add_contact, change_contact
from liendea_assets_tests.outreach.campaigns import OTHER_KEY
from liendea_assets_tests.outreach.gate.worlds import (
    DOMAIN_OF_SENDER,
    FOOTER,
    POSTAL,
    RECIPIENT,
    SHOWN_NOTICE,
    TOKEN,
    Letter,
    World,
    make_settings,
    make_text,
)

Change = Callable[[World], object]
HTML = "<html><body><p>Hi Robin</p><p>{}</p></body></html>"


@pytest.fixture
def world(db: Database, clock: VirtualClock) -> World:
    return World(db, clock.now())


def test_message_with_everything_passes_and_lists_every_rule(world: World) -> None:
    verdict = world.judge()
    assert [(finding.rule, finding.detail) for finding in verdict.blocking] == []
    assert verdict.is_allowed
    assert [finding.rule for finding in verdict.evidence] == [rule.name for rule in ALL_RULES]
    assert verdict.reason is None


def in_turn(*changes: Change) -> Change:
    def change(world: World) -> None:
        for each in changes:
            each(world)

    return change


def merge(world: World, part: int, whole: int) -> None:
    """As the imports do: the part holds nothing any more but what hangs on its id."""
    world.alter("contacts", part, merged_into=whole)


def add_source(world: World, contact_id: int, address: str | None, profile: str | None) -> None:
    file = {
        "id": 1,
        "name": "a.xlsx",
        "kind": "gtm_workbook",
        "sha256": "0",
        "size_bytes": 1,
        "read_at": world.at(),
        "dated_at": world.at(),
    }
    world.db.table("import_files").insert(file, ignore=True)
    row = {"id": 31, "file_id": 1, "part": "Data", "row_number": 2, "work_email": address, "linkedin_id": profile}
    world.db.table("gtm_rows").insert({**row, "verdict": "accepted", "row_hash": 1})
    world.db.table("contact_sources").insert({"source": "gtm", "row_id": 31, "contact_id": contact_id, "evidence": "x"})


def suppressed_source(world: World, address: str | None, profile: str | None, kind: str, value: str) -> None:
    add_source(world, 1, address, profile)
    world.suppress(kind, value)


def suppressed_answer(world: World) -> None:
    add_answer(world.db, 1)
    world.db.execute("UPDATE contact_enrichment SET work_email = 'robin@old.example' WHERE contact_id = 1")
    world.suppress("address", "robin@old.example")


def suppressed_part(world: World, of_row: int, other: int) -> None:
    """The message is about one contact, the suppressed address belongs to another, and both are one person."""
    add_contact(world.db, 2, work_email="robin@old.example", country="FR", email_status="verified")
    merge(world, of_row, other)
    world.suppress("address", "robin@old.example")


def former_recipient(world: World) -> None:
    """No source knows the address any more; it was written to."""
    world.add_message(1, step=2, campaign_id=7, status="cancelled", recipient="robin@old.example")
    world.suppress("address", "robin@old.example")


def stop_merged_person(world: World) -> None:
    add_contact(world.db, 2, work_email=None, linkedin_url=None)
    merge(world, 2, 1)
    world.stop(contact_id=2)


def stop_merged_company(world: World) -> None:
    world.db.table("companies").insert({"id": 6, "name": "", "created_at": world.at(), "updated_at": world.at(), "merged_into": 5})
    world.stop(company_id=6)


def uncertain_before(world: World) -> None:
    id_ = world.add_message(1, step=2, status="queued")
    for status in ("claimed", "sending", "uncertain"):
        world.alter("outreach_log", id_, status=status)


def consent_then_withdrawn(world: World) -> None:
    change_contact(world.db, 1, country="DE")
    world.consent(hours=-5, withdrawn=-1)


def withdrawn_by_other_part(world: World) -> None:
    add_contact(world.db, 2, work_email=None, linkedin_url=None)
    merge(world, 2, 1)
    world.consent(1, hours=-5)
    world.consent(2, hours=-9, withdrawn=-1)


def two_countries(world: World) -> None:
    add_contact(world.db, 2, work_email=None, linkedin_url=None, country="DE")
    merge(world, 2, 1)


def new_settings(**changed: object) -> Change:
    def change(world: World) -> None:
        world.settings = make_settings(**changed)

    return change


def public(world: World) -> None:
    world.settings = world.settings.model_copy(update={"public": PublicSettings(base_url="https://out.northwind.example/lists")})


def letter(letter: Letter, **row: object) -> Change:
    return lambda world: world.write(letter, **row)


def headers(**changed: str | None) -> Change:
    return lambda world: world.write(Letter(headers={name.replace("_", "-"): value for name, value in changed.items()}))


def html(visible: str) -> Change:
    return lambda world: world.write(Letter(html=HTML.format(visible)))


def tampered(world: World) -> None:
    world.change(message=str(world.row()["message"]).replace("a question.", "a demand."))


def malformed(world: World) -> None:
    """A line among the headers that is none: one reader ends the headers there, another goes on."""
    world.write_raw(str(world.row()["message"]).replace("\r\n\r\n", "\r\nno header\r\n\r\n", 1))


MAILTO = f"<mailto:unsubscribe@{DOMAIN_OF_SENDER}?subject=unsubscribe-{TOKEN}>"
PAGE = f"<https://out.northwind.example/lists/u/{TOKEN}>"
CASES: list[tuple[str, set[str], Change]] = [
    # suppression
    ("the address", {"suppression"}, lambda world: world.suppress("address", RECIPIENT)),
    ("the domain", {"suppression"}, lambda world: world.suppress("domain", "acmelabs.example")),
    ("the top of the domain", {"suppression"}, lambda world: world.suppress("domain", "example")),
    ("the profile", {"suppression"}, lambda world: world.suppress("profile", "robin-weaver-1")),
    ("an address of a file", {"suppression"}, lambda world: suppressed_source(world, "r@old.example", None, "address", "r@old.example")),
    ("the domain of an address of a file", {"suppression"}, lambda world: suppressed_source(world, "r@old.example", None, "domain", "old.example")),
    ("a profile of a file", {"suppression"}, lambda world: suppressed_source(world, None, "robin-old", "profile", "robin-old")),
    ("an address that a provider gave", {"suppression"}, suppressed_answer),
    ("a contact that is part of this one", {"suppression"}, lambda world: suppressed_part(world, 2, 1)),
    ("the contact that this one is part of", {"suppression"}, lambda world: suppressed_part(world, 1, 2)),
    ("a former recipient", {"suppression"}, former_recipient),
    ("the recipient alone", {"suppression"}, in_turn(lambda world: change_contact(world.db, 1, work_email="robin@new.example"), lambda world: world.suppress("address", RECIPIENT))),
    ("found before", {"suppression"}, lambda world: world.db.table("suppressed_contacts").insert({"contact_id": 1, "reason": "the address is suppressed"})),
    ("an opt-out of an earlier message", {"suppression"}, lambda world: world.add_message(1, step=2, status="sent", unsubscribed_at=world.at())),
    ("a complaint about an earlier message", {"suppression"}, lambda world: world.add_message(1, step=2, status="sent", complained_at=world.at())),
    ("another key", {"suppression"}, in_turn(lambda world: world.suppress("address", "x@y.example"), lambda world: setattr(world, "key", OTHER_KEY))),
    # stops
    ("a stop", {"stop"}, lambda world: world.stop(contact_id=1)),
    ("a stop of the company", {"stop"}, lambda world: world.stop(company_id=5)),
    ("a stop of a part", {"stop"}, stop_merged_person),
    ("a stop of a part of the company", {"stop"}, stop_merged_company),
    ("an uncertain message", {"stop"}, uncertain_before),
    # country and ground
    ("a blocked country", {"country_policy", "legal_basis"}, lambda world: change_contact(world.db, 1, country="XX")),
    ("a blocked country with a consent", {"country_policy"}, in_turn(lambda world: change_contact(world.db, 1, country="XX"), lambda world: world.consent())),
    ("no country", {"legal_basis"}, lambda world: change_contact(world.db, 1, country=None)),
    ("a country without a policy", {"legal_basis"}, lambda world: change_contact(world.db, 1, country="BR")),
    ("Germany without consent", {"legal_basis"}, lambda world: change_contact(world.db, 1, country="DE")),
    ("the stricter of two countries", {"legal_basis"}, two_countries),
    ("no assessment", {"legal_basis"}, new_settings(legitimate_interest=None)),
    ("an old assessment", {"legal_basis"}, new_settings(legitimate_interest={"purpose": "p", "assessed_on": "2025-10-04", "document": "d"})),
    ("an assessment to come", {"legal_basis"}, new_settings(legitimate_interest={"purpose": "p", "assessed_on": "2026-10-06", "document": "d"})),
    ("a consent withdrawn", {"legal_basis"}, consent_then_withdrawn),
    ("a consent withdrawn, under another policy", {"legal_basis"}, lambda world: world.consent(withdrawn=-1)),
    ("a consent withdrawn as another part", {"legal_basis"}, withdrawn_by_other_part),
    ("a consent to come", {"legal_basis"}, in_turn(lambda world: change_contact(world.db, 1, country="DE"), lambda world: world.consent(hours=1))),
    # the address
    ("an invalid address", {"email_verification"}, lambda world: change_contact(world.db, 1, email_status="invalid")),
    ("a risky address", {"email_verification"}, lambda world: change_contact(world.db, 1, email_status="risky")),
    ("an unknown address", {"email_verification"}, in_turn(lambda world: change_contact(world.db, 1, email_status=None), new_settings(verification=["verified"]))),
    ("an earlier bounce", {"email_verification"}, lambda world: world.add_message(1, step=2, status="failed", bounce="hard")),
    # the campaign
    ("a paused campaign", {"campaign"}, lambda world: world.alter("outreach_campaigns", 7, status="paused")),
    ("a campaign to come", {"campaign"}, lambda world: world.alter("outreach_campaigns", 7, start_date="2026-10-06")),
    ("a campaign that ended", {"campaign"}, lambda world: world.alter("outreach_campaigns", 7, end_date="2026-10-04")),
    ("no approval", {"campaign"}, lambda world: world.db.table("outreach_approvals").delete(3)),
    ("an approval revoked", {"campaign"}, lambda world: world.alter("outreach_approvals", 3, revoked_at=world.at())),
    ("an approval of another version", {"campaign"}, lambda world: world.alter("outreach_approvals", 3, version="v2")),
    ("an approval to come", {"campaign"}, lambda world: world.alter("outreach_approvals", 3, approved_at=world.at(1))),
    ("a message of another version", {"campaign"}, in_turn(lambda world: world.alter("outreach_campaigns", 7, version="v2"), lambda world: world.alter("outreach_approvals", 3, version="v2"))),
    ("an approved version that is no longer the campaign's", {"campaign"}, lambda world: world.alter("outreach_campaigns", 7, version="v2")),
    # the records
    *((f"no {kind}", {"dns"}, lambda world, kind=kind: world.db.execute("DELETE FROM dns_checks WHERE kind = ?", [kind])) for kind in ("spf", "dkim", "dmarc", "mx")),
    *((f"wrong {kind}", {"dns"}, lambda world, kind=kind: world.db.execute("UPDATE dns_checks SET is_ok = 0 WHERE kind = ?", [kind])) for kind in ("spf", "dkim", "dmarc", "mx")),
    ("an old check", {"dns"}, lambda world: world.db.execute("UPDATE dns_checks SET checked_at = ? WHERE kind = 'mx'", [world.at(-24.1)])),
    ("another selector", {"dns"}, new_settings(dns={"selectors": {DOMAIN_OF_SENDER: "s2"}})),
    ("no selector", {"dns"}, new_settings(dns={})),
    ("a mail server elsewhere, where this machine is exempt", {"dns"}, new_settings(dns={"exempt_loopback": True})),
    # what earlier messages brought
    ("too many bounces", {"bounce_rate"}, lambda world: world.add_sent(30, bounced=1)),
    ("refused while handed in", {"bounce_rate"}, in_turn(lambda world: world.add_sent(29), lambda world: world.add_message(1001, step=9, status="failed", bounce="hard", bounced_at=world.at(-1), recipient="x@y.example"))),
    ("too many complaints", {"complaint_rate"}, lambda world: world.add_sent(40, complained=2)),
    # the bytes
    ("other bytes", {"intact"}, tampered),
    ("a postal address in an attachment alone", {"postal_address"}, letter(Letter(text=make_text(POSTAL), attached=make_text()))),
    ("headers that break off", {"intact"}, malformed),
    ("another hash", {"intact"}, lambda world: world.change(message_sha256="0" * 64)),
    ("another Message-ID", {"intact"}, headers(Message_ID="<other@northwind.example>")),
    ("no Message-ID", {"intact"}, headers(Message_ID=None)),
    ("no Message-ID in the row", {"intact"}, lambda world: world.change(message_id=None)),
    ("another From", {"sender"}, headers(From="Sam <sam@evil.example>")),
    ("two Froms", {"sender"}, headers(From="a@northwind.example, sam.rivera@northwind.example")),
    ("no From", {"sender"}, headers(From=None)),
    ("another Sender", {"sender"}, headers(Sender="boss@northwind.example")),
    ("another Reply-To", {"sender"}, headers(Reply_To="boss@northwind.example")),
    ("two recipients", {"recipient"}, headers(To=f"{RECIPIENT}, other@acmelabs.example")),
    ("two To headers", {"recipient"}, letter(Letter(more=[("To", "other@acmelabs.example")]))),
    ("no To", {"recipient"}, headers(To=None)),
    ("another To", {"recipient"}, headers(To="other@acmelabs.example")),
    ("a Cc", {"recipient"}, headers(Cc="other@acmelabs.example")),
    ("a Bcc", {"recipient"}, headers(Bcc="other@acmelabs.example")),
    ("a Resent-To", {"recipient"}, headers(Resent_To="other@acmelabs.example")),
    ("no postal address", {"postal_address"}, letter(Letter(text=make_text(POSTAL)))),
    ("half a postal address", {"postal_address"}, letter(Letter(text=make_text().replace("62701", "")))),
    ("no footer", {"identification", "opt_out"}, letter(Letter(text=make_text(FOOTER)))),
    ("another company in the footer", {"identification"}, letter(Letter(text=make_text().replace("message from Northwind Analytics", "message from somebody")))),
    ("another mailbox for opt-outs", {"identification", "opt_out"}, letter(Letter(text=make_text().replace("unsubscribe@", "sales@")))),
    ("no List-Unsubscribe", {"list_unsubscribe"}, headers(List_Unsubscribe=None)),
    ("two List-Unsubscribe", {"list_unsubscribe"}, letter(Letter(more=[("List-Unsubscribe", MAILTO)], headers={"List-Unsubscribe": "<mailto:a@b.example>"}))),
    ("a public page without Post", {"list_unsubscribe"}, in_turn(public, headers(List_Unsubscribe=f"{MAILTO}, {PAGE}"))),
    ("Post without a public page", {"list_unsubscribe"}, in_turn(public, headers(List_Unsubscribe_Post="List-Unsubscribe=One-Click"))),
    ("the public page of another message", {"list_unsubscribe"}, in_turn(public, headers(List_Unsubscribe=f"{MAILTO}, {PAGE.replace(TOKEN, 'b' * 34)}", List_Unsubscribe_Post="List-Unsubscribe=One-Click"))),
    ("List-Unsubscribe to somebody else", {"list_unsubscribe"}, headers(List_Unsubscribe=f"<mailto:x@y.example?subject={TOKEN}>")),
    ("List-Unsubscribe without the token", {"list_unsubscribe"}, headers(List_Unsubscribe="<mailto:unsubscribe@northwind.example>")),
    ("no token in the row", {"list_unsubscribe"}, lambda world: world.change(token=None)),
    ("no one-click where there is a public page", {"list_unsubscribe"}, public),
    ("no notice", {"notice"}, letter(Letter(text=make_text(SHOWN_NOTICE)))),
    ("half a notice", {"notice"}, letter(Letter(text=make_text().replace("or object at any time", "")))),
    ("no notice configured", {"notice"}, lambda world: setattr(world, "settings", world.settings.model_copy(update={"gate": world.settings.gate.model_copy(update={"notice_text": None})}))),
    ("an HTML part with nothing", {"postal_address", "identification", "opt_out", "notice"}, html("")),
    ("an HTML part whose rest is a comment", {"postal_address"}, html(f"{SHOWN_NOTICE} {FOOTER} <!-- {POSTAL} -->")),
    ("an HTML part whose rest is hidden", {"postal_address"}, html(f"{SHOWN_NOTICE} {FOOTER} <span style='display:none'>{POSTAL}</span>")),
    ("an HTML part whose notice is a title", {"notice"}, html(f"<img title='{SHOWN_NOTICE.replace(chr(39), '')}'> {FOOTER} {POSTAL}")),
    ("no text at all", {"postal_address", "identification", "opt_out", "notice"}, letter(Letter(text=None))),
    # what cannot be decided
    ("no contact", {"suppression", "stop", "country_policy", "legal_basis", "email_verification", "notice"}, in_turn(lambda world: world.db.execute("PRAGMA foreign_keys=OFF"), lambda world: world.change(contact_id=77))),
    ("no campaign", {"campaign"}, in_turn(lambda world: world.db.execute("PRAGMA foreign_keys=OFF"), lambda world: world.change(campaign_id=77))),
    ("no recipient", {"email_verification", "recipient"}, lambda world: world.change(recipient=None)),
    ("no mailbox", {"dns", "bounce_rate", "complaint_rate", "sender", "identification", "notice"}, lambda world: world.change(mailbox=None)),
    ("a mailbox that there is not", {"dns", "bounce_rate", "complaint_rate", "sender", "identification", "notice"}, lambda world: world.change(mailbox="gone")),
    ("no message", {"intact", "sender", "recipient", "postal_address", "identification", "opt_out", "list_unsubscribe", "notice"}, lambda world: world.change(message="")),
    ("no e-mail", {"intact", "sender", "recipient", "postal_address", "identification", "opt_out", "list_unsubscribe", "notice"}, lambda world: world.change(outreach_type="inmail")),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "change"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_exactly_the_rule_that_misses_something_blocks(world: World, expected: set[str], change: Change) -> None:
    change(world)
    verdict = world.judge()
    assert {finding.rule for finding in verdict.blocking} == expected, verdict.to_json()
    assert not verdict.is_allowed
    assert len(verdict.evidence) == len(ALL_RULES)


def test_every_rule_is_blocked_by_some_case() -> None:
    alone = {rule for _, expected, _ in CASES if len(expected) == 1 for rule in expected}
    assert alone | {"country_policy", "opt_out"} >= {rule.name for rule in ALL_RULES}


TABLES = (
    "suppressions", "suppressed_contacts", "outreach_stops", "enriched_contacts", "contact_consents", "contact_notices", "dns_checks",
    "outreach_campaigns", "outreach_approvals", "contacts", "contact_sources", "contact_enrichment",
)  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_table_that_cannot_be_read_blocks(world: World, table: str) -> None:
    world.db.execute("PRAGMA foreign_keys=OFF")
    row = world.row()
    world.db.execute("PRAGMA legacy_alter_table=ON")
    world.db.execute(f"ALTER TABLE {table} RENAME TO gone")
    verdict = world.gate().judge(world.db.conn, row, world.now)
    assert any("cannot decide (OperationalError)" in finding.detail for finding in verdict.blocking)


@pytest.mark.parametrize(
    "column",
    [
        "contact_id",
        "campaign_id",
        "campaign_version",
        "mailbox",
        "recipient",
        "message",
        "message_sha256",
        "message_id",
        "token",
        "outreach_type",
    ],
)
def test_row_that_lacks_a_column_is_blocked(world: World, column: str) -> None:
    row = world.row()
    del row[column]
    assert not world.gate().judge(world.db.conn, row, world.now).is_allowed


PASSING: list[tuple[str, Change]] = [
    ("a country that wants no record", in_turn(lambda world: change_contact(world.db, 1, country="US"), new_settings(legitimate_interest=None), lambda world: world.write(Letter(text=make_text(SHOWN_NOTICE))))),
    ("a consent where one is wanted", in_turn(lambda world: change_contact(world.db, 1, country="DE"), lambda world: world.consent())),
    ("a consent again after one was withdrawn", in_turn(lambda world: world.consent(hours=-9, withdrawn=-5), lambda world: world.consent(hours=-2))),
    ("a consent of a contact that is part of this one", in_turn(lambda world: change_contact(world.db, 1, country="DE"), lambda world: add_contact(world.db, 2, work_email=None, linkedin_url=None), lambda world: merge(world, 2, 1), lambda world: world.consent(2))),
    ("no notice, once it was given", in_turn(lambda world: world.write(Letter(text=make_text(SHOWN_NOTICE))), lambda world: world.db.table("contact_notices").insert({"contact_id": 1, "given_at": world.at(-99)}))),
    ("a stop that was lifted", in_turn(lambda world: world.stop(contact_id=1), lambda world: world.db.execute("UPDATE outreach_stops SET lifted_at = stopped_at"))),
    ("a stop of somebody else", in_turn(lambda world: add_contact(world.db, 2), lambda world: world.stop(contact_id=2))),
    ("a suppression of somebody else", lambda world: world.suppress("address", "robin@acmelabs.example")),
    ("an HTML part with everything", html(f"{SHOWN_NOTICE}<br>{FOOTER}<br>{POSTAL}")),
    ("an HTML part alone", letter(Letter(text=None, html=HTML.format(f"{SHOWN_NOTICE}<div>{FOOTER}</div>{POSTAL.replace(', ', ',<br>')}")))),
    ("a follow-up in spite of bounces", in_turn(lambda world: world.add_sent(30, bounced=1), lambda world: world.add_message(1, step=2, status="sent", sent_at=world.at(-90)))),
    ("bounces of long ago", lambda world: world.add_sent(30, bounced=9, hours=-24 * 30 - 1)),
    ("bounces of long ago among new messages", in_turn(lambda world: world.add_sent(9, bounced=9, hours=-24 * 30 - 1), lambda world: world.add_sent(30))),
    ("bounces below the share", lambda world: world.add_sent(40, bounced=1)),
    ("complaints below the share", in_turn(new_settings(complaint_stop=0.05), lambda world: world.add_sent(60, complained=2))),
    ("bounces among few", lambda world: world.add_sent(29, bounced=9)),
    ("one complaint", lambda world: world.add_sent(30, complained=1)),
    ("a mail server on this machine that is exempt", in_turn(new_settings(dns={"exempt_loopback": True}), lambda world: setattr(world, "smtp_hosts", {"main": "127.0.0.1"}))),
    ("records that are not required", new_settings(dns={"required": False})),
    ("the last day of the campaign", lambda world: world.alter("outreach_campaigns", 7, start_date="2026-10-05", end_date="2026-10-05")),
    ("a check of just now", lambda world: world.db.execute("UPDATE dns_checks SET checked_at = ?", [world.at(-24)])),
    ("an assessment on its last day", new_settings(legitimate_interest={"purpose": "p", "assessed_on": "2025-10-05", "document": "d"})),
    ("an unknown address where that is accepted", lambda world: change_contact(world.db, 1, email_status=None)),
    ("a bounce at a former address", lambda world: world.add_message(1, step=2, status="failed", bounce="hard", recipient="robin@old.example")),
    ("the sender as Sender and Reply-To", headers(Sender="sam.rivera@northwind.example", Reply_To="Sam <sam.rivera@northwind.example>")),
    ("an attached text", letter(Letter(attached="the offer"))),
    ("one-click", in_turn(public, headers(List_Unsubscribe=f"<mailto:unsubscribe@northwind.example?subject=unsubscribe-{TOKEN}>, <https://out.northwind.example/lists/u/{TOKEN}>", List_Unsubscribe_Post="List-Unsubscribe=One-Click"))),
]  # fmt: skip


@pytest.mark.parametrize("change", [case[1] for case in PASSING], ids=[case[0] for case in PASSING])
def test_message_that_lacks_nothing_passes(world: World, change: Change) -> None:
    change(world)
    assert world.blocking() == set()


@pytest.mark.parametrize(("bounced", "told"), [(19, "warning"), (20, "warning"), (10, "19"), (30, "nobody new")])
def test_bounce_rate_warns_before_it_stops(world: World, bounced: int, told: str) -> None:
    world.add_sent(999, bounced=bounced)
    world.add_sent(1)
    rate = bounced / 1000
    assert (world.blocking() == {"bounce_rate"}) == (rate >= 0.03)
    assert ("warning" in world.detail("bounce_rate")) == (0.02 <= rate < 0.03)


def test_exemption_is_told(world: World) -> None:
    world.settings, world.smtp_hosts = make_settings(dns={"exempt_loopback": True}), {"main": "localhost"}
    assert "exempt" in world.detail("dns")


def test_evidence_is_json_without_personal_data(world: World) -> None:
    world.suppress("address", RECIPIENT)
    stored = world.judge().to_json()
    found = json.loads(stored)
    assert found["is_allowed"] is False
    assert [finding["rule"] for finding in found["findings"]] == [rule.name for rule in ALL_RULES]
    for secret in ("robin", "weaver", "acmelabs", RECIPIENT, '"FR"', "VP Sales"):
        assert secret not in stored.lower()


def test_rule_that_raises_tells_its_type_alone(world: World) -> None:
    world.change(recipient=None)
    row = {**world.row(), "contact_id": "robin@acmelabs.example"}
    verdict = world.gate().judge(world.db.conn, row, world.now)
    assert "cannot decide (TypeError)" in {finding.detail for finding in verdict.blocking}
    assert "robin" not in verdict.to_json()


def test_facts_are_read_inside_the_callers_transaction(world: World) -> None:
    """Whoever is suppressed in this very moment does not go out."""
    with transaction(world.db) as connection:
        connection.execute("INSERT INTO outreach_stops (contact_id, reason, stopped_at) VALUES (1, 'reply', ?)", [world.at()])
        assert not world.gate().judge(connection, world.row(), world.now).is_allowed


def test_last_look_sees_suppressions_and_stops(world: World) -> None:
    assert world.gate().find_suppression(world.db.conn, world.row(), world.now) is None
    world.stop(company_id=5)
    assert world.gate().find_suppression(world.db.conn, world.row(), world.now) == "stop: stopped (stop 1)"


def test_before_a_message_is_made_the_other_rules_are_asked(world: World) -> None:
    row = {"campaign_id": 7, "contact_id": 1, "campaign_version": "v1", "mailbox": "main", "recipient": RECIPIENT}
    verdict = world.gate().prepare(world.db.conn, [row], world.now).judge_before_message(row)
    assert verdict.is_allowed
    assert [finding.rule for finding in verdict.evidence] == [rule.name for rule in (*PERSON_RULES, *SENDING_RULES)]


def test_before_a_message_is_made_its_recipient_is_looked_up(world: World) -> None:
    """Nothing is stored of it yet, and no source gave that address."""
    world.suppress("address", "robin@elsewhere.example")
    row = {"campaign_id": 7, "contact_id": 1, "campaign_version": "v1", "mailbox": "main", "recipient": "robin@elsewhere.example"}
    verdict = world.gate().prepare(world.db.conn, [row], world.now).judge_before_message(row)
    assert [finding.rule for finding in verdict.blocking] == ["suppression"]


def test_many_rows_are_judged_as_each_alone(world: World) -> None:
    rows = []
    for contact_id, country in enumerate(["FR", "DE", "XX", None, "US", "FR"], start=10):
        add_contact(world.db, contact_id, country=country, company_id=5 if contact_id % 2 else None)
        rows.append({**world.row(), "id": contact_id, "contact_id": contact_id, "recipient": f"robin.weaver.{contact_id}@acmelabs.example"})
    merge(world, 10, 11)
    world.suppress("profile", "robin-weaver-13")
    world.stop(contact_id=15)
    world.stop(company_id=5)
    world.consent(11)
    bench = world.gate().prepare(world.db.conn, rows, world.now)
    assert [bench.judge(row) for row in rows] == [world.gate().judge(world.db.conn, row, world.now) for row in rows]


def test_facts_of_many_rows_take_no_more_statements_than_those_of_one(world: World) -> None:
    rows = [{**world.row(), "id": id_, "contact_id": add_contact(world.db, id_), "recipient": f"r{id_}@x.example"} for id_ in range(10, 60)]
    counts = []
    for some in (rows[:1], rows):
        asked: list[str] = []
        world.db.conn.set_trace_callback(asked.append)
        bench = world.gate().prepare(world.db.conn, some, world.now)
        for row in some:
            bench.judge(row)
        world.db.conn.set_trace_callback(None)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_notice_in_another_language_is_one(world: World) -> None:
    german = "{{ sender_company }} hat Ihre Daten."
    world.write(Letter(text=make_text().replace(SHOWN_NOTICE, "Northwind Analytics hat Ihre Daten.")))
    assert "notice" in world.blocking()
    languages = world.settings.languages.model_copy(update={"notices": {"de": german}})
    world.settings = world.settings.model_copy(update={"languages": languages})
    assert world.blocking() == set()
    with transaction(world.db) as connection:
        assert world.gate().record_notice(connection, world.row(), world.now)


def test_notice_is_recorded_once_and_only_if_it_was_given(world: World) -> None:
    add_contact(world.db, 2, work_email=None, linkedin_url=None)
    merge(world, 2, 1)
    gate = world.gate()
    full = world.row()
    world.write(Letter(text=make_text(SHOWN_NOTICE)))
    with transaction(world.db) as connection:
        assert not gate.record_notice(connection, world.row(), world.now)
        assert gate.record_notice(connection, full, world.now)
        assert not gate.record_notice(connection, {**full, "contact_id": 2}, world.now + timedelta(days=1))
        assert not gate.record_notice(connection, {**full, "message": ""}, world.now)
    assert [(row["contact_id"], row["outreach_log_id"]) for row in world.db.table("contact_notices").rows] == [(1, world.row_id)]
    assert world.blocking() == set()


INDEPENDENT: dict[str, Change] = {
    "suppression": lambda world: world.suppress("domain", "acmelabs.example"),
    "stop": lambda world: world.stop(contact_id=1),
    "legal_basis": lambda world: world.consent(withdrawn=-1),
    "email_verification": lambda world: change_contact(world.db, 1, email_status="invalid"),
    "campaign": lambda world: world.alter("outreach_campaigns", 7, status="paused"),
    "dns": lambda world: world.db.execute("DELETE FROM dns_checks"),
    "bounce_rate": lambda world: world.add_sent(30, bounced=3),
    "complaint_rate": lambda world: world.add_sent(30, complained=2),
    "intact": lambda world: world.change(message_sha256="0"),
    "list_unsubscribe": lambda world: world.change(token=None),
}


@settings(max_examples=10)
@given(chosen=st.sets(st.sampled_from(sorted(INDEPENDENT)), min_size=1), seed=st.integers(0, 99))
def test_whatever_else_holds_a_rule_that_blocks_blocks(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory, chosen: set[str], seed: int
) -> None:
    db = open_migrated(Path(shutil.copy(migrated_file, tmp_path_factory.mktemp("gate") / "test.db")))
    try:
        world = World(db, VirtualClock().now())
        order = sorted(chosen)
        random.Random(seed).shuffle(order)
        for name in order:
            INDEPENDENT[name](world)
        verdict = world.judge()
        assert {finding.rule for finding in verdict.blocking} == chosen
        assert not verdict.is_allowed
    finally:
        db.conn.close()


def test_pairs_of_missing_facts_both_block(db: Database, clock: VirtualClock) -> None:
    """The verdict is no sum in which one finding makes up for another."""
    world = World(db, clock.now())
    for first, second in combinations(["campaign", "dns", "intact"], 2):
        db.execute("SAVEPOINT before")
        INDEPENDENT[first](world)
        INDEPENDENT[second](world)
        assert world.blocking() == {first, second}
        db.execute("ROLLBACK TO before")
    db.execute("RELEASE before")
