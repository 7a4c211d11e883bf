from pathlib import Path

from liendea_assets.clients.dns_records import DnsRecords
from liendea_assets.db.connection import Database
from liendea_assets.outreach.dns_preflight import check_records
from liendea_assets.outreach.settings import DkimSettings, MailboxSettings
from liendea_assets_tests.clients.dns_server import Zone, dns_server
from liendea_assets_tests.clients.test_dns_records import LONG, txt
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.outreach.gate.worlds import DOMAIN_OF_SENDER, NEEDED, World, make_settings

GOOD: Zone = {
    **txt(DOMAIN_OF_SENDER, "v=spf1 ip4:192.0.2.1 -all"),
    **txt(f"s1._domainkey.{DOMAIN_OF_SENDER}", f"v=DKIM1; p={LONG}"),
    **txt(f"_dmarc.{DOMAIN_OF_SENDER}", "v=DMARC1; p=none"),
    (DOMAIN_OF_SENDER, "MX"): [f"10 mx.{DOMAIN_OF_SENDER}."],
}


def without(kind: str) -> Zone:
    """A zone that lacks what a kind looks for."""
    names = {"spf": (DOMAIN_OF_SENDER, "TXT"), "dkim": (f"s1._domainkey.{DOMAIN_OF_SENDER}", "TXT")}
    names |= {"dmarc": (f"_dmarc.{DOMAIN_OF_SENDER}", "TXT"), "mx": (DOMAIN_OF_SENDER, "MX")}
    return {name: records for name, records in GOOD.items() if name != names[kind]}


def check(world: World, zone: Zone) -> dict[str, bool | None]:
    with dns_server(zone) as server:
        found = check_records(world.db, world.settings, world.smtp_hosts, DnsRecords(server.resolver()), world.now)
    return {one.kind: one.is_ok for one in found}


def test_gate_opens_with_what_the_dns_says(db: Database, clock: VirtualClock) -> None:
    world = World(db, clock.now())
    db.execute("DELETE FROM dns_checks")
    assert world.blocking() == {"dns"}
    assert check(world, GOOD) == dict.fromkeys(("spf", "dkim", "dmarc", "mx"), True)
    assert world.blocking() == set()


def test_gate_closes_with_each_record_that_is_gone(db: Database, clock: VirtualClock) -> None:
    world = World(db, clock.now())
    for kind, _ in NEEDED:
        assert [name for name, is_ok in check(world, without(kind)).items() if not is_ok] == [kind]
        assert world.blocking() == {"dns"}
        assert kind in world.detail("dns")
    check(world, GOOD)
    assert world.blocking() == set()


def test_server_that_does_not_answer_takes_nothing_back(db: Database, clock: VirtualClock) -> None:
    """What was found before stands until it is too old; nothing that was not found passes for found."""
    world = World(db, clock.now())
    before = list(db.table("dns_checks").rows)
    silent: Zone = {(name if kind != "dmarc" else f"_dmarc.{name}", "FAIL"): [] for kind, name in NEEDED}
    assert check(world, silent) == dict.fromkeys(("spf", "dkim", "dmarc", "mx"), None)
    assert list(db.table("dns_checks").rows) == before
    db.execute("DELETE FROM dns_checks")
    check(world, silent)
    assert world.blocking() == {"dns"}


def test_domains_of_key_and_bounces_are_those_of_the_mailbox(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    world = World(db, clock.now())
    dkim = DkimSettings(selector="own", domain="mail.example", key_file="key.pem")
    mailbox = MailboxSettings(name="main", email="sam.rivera@northwind.example", dkim=dkim, bounce_address="b@bounces.example")
    world.settings = make_settings().model_copy(update={"mailboxes": (mailbox,)})
    with dns_server({}) as server:
        check_records(world.db, world.settings, {}, DnsRecords(server.resolver()), world.now)
    asked = {(row["kind"], row["domain"]) for row in db.table("dns_checks").rows if not row["is_ok"]}
    assert asked == {
        ("spf", "bounces.example"), ("mx", "bounces.example"), ("mx", DOMAIN_OF_SENDER), ("dmarc", DOMAIN_OF_SENDER),
        ("dkim", "own._domainkey.mail.example"),
    }  # fmt: skip


def test_exempt_mailbox_asks_nobody(db: Database, clock: VirtualClock) -> None:
    world = World(db, clock.now(), dns={"exempt_loopback": True})
    world.smtp_hosts = {"main": "127.0.0.1"}
    assert check(world, {}) == {}


def test_unknown_selector_is_told(db: Database, clock: VirtualClock) -> None:
    world = World(db, clock.now(), dns={})
    assert check(world, GOOD) == {"spf": True, "dkim": False, "dmarc": True, "mx": True}
    assert "selector" in world.detail("dns")
