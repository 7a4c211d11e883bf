import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from liendea_assets.clients.dns_records import DnsRecords, RecordKind
from liendea_assets.core.errors import ServiceUnavailable
from liendea_assets_tests.clients.dns_server import Zone, dns_server


def rsa_key(bits: int) -> str:
    public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


LONG, ED = rsa_key(2048), base64.b64encode(ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
KEY = "s1._domainkey.acme.example"


def txt(name: str, *records: str) -> Zone:
    """Records longer than 255 characters stand in several pieces, as in real zones."""
    pieces = [" ".join(f'"{record[start : start + 200]}"' for start in range(0, max(1, len(record)), 200)) for record in records]
    return {(name, "TXT"): pieces}


def spf_chain(length: int) -> dict[tuple[str, str], list[str]]:
    zone: dict[tuple[str, str], list[str]] = {("acme.example", "TXT"): ['"v=spf1 include:s1.example -all"']}
    for number in range(1, length):
        zone[f"s{number}.example", "TXT"] = [f'"v=spf1 include:s{number + 1}.example -all"']
    zone[f"s{length}.example", "TXT"] = ['"v=spf1 ip4:192.0.2.1 -all"']
    return zone


@pytest.mark.parametrize(
    ("kind", "name", "zone", "is_ok", "told"),
    [
        ("spf", "acme.example", txt("acme.example", "v=spf1 ip4:192.0.2.1 -all", "google-site-verification=x"), True, "0 look-ups"),
        ("spf", "acme.example", txt("acme.example", "V=SPF1 a mx:acme.example ~all"), True, "2 look-ups"),
        ("spf", "acme.example", txt("acme.example", "v=spf1 include:%{d}.mail.example ?all"), True, "1 look-ups"),
        ("spf", "acme.example", txt("acme.example", "v=spf1 -all", "v=spf1 ~all"), False, "2 SPF records"),
        ("spf", "acme.example", txt("acme.example", "v=spf10 -all"), False, "no SPF record"),
        ("spf", "acme.example", {}, False, "no SPF record"),
        ("spf", "acme.example", txt("acme.example", "v=spf1 +all"), False, "everybody"),
        ("spf", "acme.example", txt("acme.example", "v=spf1 mx all"), False, "everybody"),
        ("spf", "acme.example", spf_chain(10), True, "10 look-ups"),
        ("spf", "acme.example", spf_chain(11), False, "more than 10"),
        ("spf", "acme.example", {("acme.example", "TXT"): ['"v=spf1 include:acme.example -all"']}, False, "more than 10"),
        ("dkim", KEY, txt(KEY, f"v=DKIM1; k=rsa; p={LONG}"), True, "2048 bits"),
        ("dkim", KEY, txt(KEY, f"p={LONG}"), True, "2048 bits"),
        ("dkim", KEY, txt(KEY, f"v=DKIM1; k=ed25519; p={ED}"), True, "Ed25519"),
        ("dkim", KEY, txt(KEY, "v=DKIM1; k=ed25519; p=AAAA"), False, "3 bytes"),
        ("dkim", KEY, txt(KEY, f"v=DKIM1; k=rsa; p={ED}"), False, "cannot be read"),
        ("dkim", KEY, txt(KEY, f"v=DKIM1; k=dsa; p={LONG}"), False, "nobody checks"),
        ("dkim", KEY, txt(KEY, "v=DKIM1; p="), False, "revoked"),
        ("dkim", KEY, txt(KEY, "v=DKIM1; p=!!"), False, "cannot be read"),
        ("dkim", KEY, txt(KEY, f"v=DKIM2; p={LONG}"), False, "no DKIM key"),
        ("dkim", KEY, txt(KEY, f"p={LONG}", "p="), False, "2 records"),
        ("dkim", KEY, {}, False, "no DKIM key at"),
        ("dmarc", "acme.example", txt("_dmarc.acme.example", "v=DMARC1; p=none"), True, "p=none"),
        ("dmarc", "acme.example", txt("_dmarc.acme.example", "v=DMARC1;p=Reject;rua=mailto:x@acme.example"), True, "p=reject"),
        ("dmarc", "mail.acme.example", txt("_dmarc.acme.example", "v=DMARC1; p=none"), True, "at acme.example"),
        ("dmarc", "acme.example", txt("_dmarc.example", "v=DMARC1; p=none"), False, "no DMARC record"),
        ("dmarc", "acme.example", txt("_dmarc.acme.example", "p=none; v=DMARC1"), False, "no DMARC record"),
        ("dmarc", "acme.example", txt("_dmarc.acme.example", "v=DMARC1; rua=mailto:x@acme.example"), False, "without a policy"),
        ("dmarc", "acme.example", txt("_dmarc.acme.example", "v=DMARC1; p=none", "v=DMARC1; p=reject"), False, "2 DMARC records"),
        ("mx", "acme.example", {("acme.example", "MX"): ["10 mx1.acme.example.", "20 mx2.acme.example."]}, True, "2 MX"),
        ("mx", "acme.example", {("acme.example", "MX"): ["0 ."]}, False, "takes no mail"),
        ("mx", "acme.example", {("acme.example", "A"): ["192.0.2.1"]}, False, "no MX"),
    ],
)
def test_record_is_judged(kind: RecordKind, name: str, zone: Zone, is_ok: bool, told: str) -> None:
    with dns_server(zone) as server:
        found = DnsRecords(server.resolver()).look_up(kind, name)
    assert (found.kind, found.name, found.is_ok) == (kind, name, is_ok)
    assert told in found.detail


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_key_that_is_too_short_is_refused() -> None:
    # 512 bits, as `openssl genrsa 512` makes it; cryptography itself makes no such key any more
    short = (
        "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL8eJ5AKoIsjURpcEoGubZMxLD7+kT+TLr7UkvEtFrRhDDKMtuIIq19FrL4pUIMymPMSLBn3hJLe30Dw48GQM4UCAwEAAQ=="
    )
    with dns_server(txt(KEY, f"v=DKIM1; p={short}")) as server:
        assert not DnsRecords(server.resolver()).look_up("dkim", KEY).is_ok


@pytest.mark.parametrize("kind", ["spf", "dmarc", "mx"])
def test_server_that_fails_tells_nothing(kind: RecordKind) -> None:
    """A record that could not be asked about is not one that is missing."""
    zone: Zone = {("acme.example", "FAIL"): [], ("_dmarc.acme.example", "FAIL"): []}
    with dns_server(zone) as server, pytest.raises(ServiceUnavailable, match="could not be asked"):
        DnsRecords(server.resolver()).look_up(kind, "acme.example")
