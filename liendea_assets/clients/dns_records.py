"""What the DNS says of a domain that sends mail: SPF, DKIM, DMARC, MX. Only asks; who needs the answers keeps them."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import dns.exception
import dns.resolver
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

from liendea_assets.core.errors import ServiceUnavailable

RecordKind = Literal["spf", "dkim", "dmarc", "mx"]

# For all tries of one question. A preflight asks about a dozen.
LIFETIME_S = 5.0
# RFC 7208 4.6.4: more make the whole record an error for whoever checks it.
SPF_LOOKUPS = 10
# RFC 8301 3.2: shorter keys are not to be believed.
RSA_BITS = 1024
_ASKING = ("include:", "a", "mx", "ptr", "exists:", "redirect=")


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """What was found of one kind at one name, in words that hold nothing personal."""

    kind: RecordKind
    name: str
    is_ok: bool
    detail: str


class DnsRecords:
    """Looks records up.

    Args:
        resolver: default: the one of the machine.
    """

    def __init__(self, resolver: dns.resolver.Resolver | None = None) -> None:
        self._resolver = resolver

    def look_up(self, kind: RecordKind, name: str) -> DnsAnswer:
        """Checks one kind of record.

        Args:
            name: a domain; of `dkim` the whole name of the key, `selector._domainkey.domain`.

        Raises:
            ServiceUnavailable: no server answered, so nothing is known.
        """
        is_ok, detail = {"spf": self._spf, "dkim": self._dkim, "dmarc": self._dmarc, "mx": self._mx}[kind](name)
        return DnsAnswer(kind, name, is_ok, detail)

    def _spf(self, domain: str) -> tuple[bool, str]:
        found = self._spf_records(domain)
        if len(found) != 1:
            return False, f"{len(found)} SPF records; exactly one is allowed" if found else "no SPF record"
        terms = found[0].lower().split()[1:]
        if {"all", "+all"} & set(terms):
            return False, "the SPF record lets everybody send (+all)"
        lookups = self._spf_lookups(terms, SPF_LOOKUPS + 1)
        if lookups > SPF_LOOKUPS:
            return False, f"the SPF record needs more than {SPF_LOOKUPS} look-ups, so receivers take it for an error"
        return True, f"one SPF record, {lookups} look-ups"

    def _spf_lookups(self, terms: list[str], left: int) -> int:
        """Look-ups of a record and of those that it includes; stops counting at `left`."""
        count = 0
        for term in (term.lstrip("+-~?") for term in terms):
            if count >= left or not _asks(term):
                continue
            count += 1
            target = term.removeprefix("include:").removeprefix("redirect=")
            # a macro depends on the message, so what it leads to cannot be counted
            if target != term and "%" not in target:
                nested = self._spf_records(target)
                count += self._spf_lookups(nested[0].lower().split()[1:], left - count) if len(nested) == 1 else 0
        return count

    def _spf_records(self, domain: str) -> list[str]:
        return [text for text in self._texts(domain) if text.lower().split(" ", 1)[0] == "v=spf1"]

    def _dkim(self, name: str) -> tuple[bool, str]:
        texts = self._texts(name)
        if not texts:
            return False, "no DKIM key at this selector"
        if len(texts) > 1:
            return False, f"{len(texts)} records at this selector; exactly one is allowed"
        tags = dict(_tags(texts[0]))
        if tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
            return False, "the record at this selector is no DKIM key"
        if not tags["p"]:
            return False, "the DKIM key was revoked (p is empty)"
        return _judge_key(tags.get("k", "rsa"), "".join(tags["p"].split()))

    def _dmarc(self, domain: str) -> tuple[bool, str]:
        labels = domain.split(".")
        # the policy of a parent holds for what is below it
        for name in (".".join(labels[start:]) for start in range(max(1, len(labels) - 1))):
            found = [text for text in self._texts(f"_dmarc.{name}") if next(_tags(text), ("", "")) == ("v", "DMARC1")]
            if len(found) > 1:
                return False, f"{len(found)} DMARC records at {name}; exactly one is allowed"
            if found:
                policy = dict(_tags(found[0])).get("p", "").lower()
                is_policy = policy in {"none", "quarantine", "reject"}
                return is_policy, f"a DMARC record at {name}, {f'p={policy}' if is_policy else 'without a policy (p)'}"
        return False, "no DMARC record"

    def _mx(self, domain: str) -> tuple[bool, str]:
        exchanges = [record.exchange.to_text() for record in self._ask(domain, "MX") if isinstance(record, MX)]
        if not exchanges:
            return False, "no MX record, so replies and bounces do not arrive"
        if "." in exchanges:
            return False, "the MX record says that the domain takes no mail"
        return True, f"{len(exchanges)} MX records"

    def _texts(self, name: str) -> list[str]:
        """TXT records; the pieces of one are joined without a blank."""
        return [b"".join(record.strings).decode("ascii", "replace").strip() for record in self._ask(name, "TXT") if isinstance(record, TXT)]

    def _ask(self, name: str, kind: str) -> list[object]:
        try:
            resolver = self._resolver or dns.resolver.Resolver()
            return list(resolver.resolve(name, kind, lifetime=LIFETIME_S, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise ServiceUnavailable(f"dns: {kind} of {name} could not be asked ({type(error).__name__})") from None


def _asks(term: str) -> bool:
    return any(term.startswith(start) if start[-1] in ":=" else term.partition(":")[0].partition("/")[0] == start for start in _ASKING)


def _tags(text: str) -> Iterator[tuple[str, str]]:
    """`v=DKIM1; k=rsa` → (v, DKIM1), (k, rsa)."""
    for part in text.split(";"):
        name, sign, value = part.partition("=")
        if sign:
            yield name.strip().lower(), value.strip()


def _judge_key(algorithm: str, encoded: str) -> tuple[bool, str]:
    try:
        content = base64.b64decode(encoded, validate=True)
        if algorithm == "ed25519":
            return len(content) == 32, f"an Ed25519 key of {len(content)} bytes; it has 32"
        key = load_der_public_key(content)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return False, "the DKIM key cannot be read"
    if algorithm != "rsa" or not isinstance(key, RSAPublicKey):
        return False, "the DKIM key is of a kind that nobody checks"
    return key.key_size >= RSA_BITS, f"an RSA key of {key.key_size} bits; at least {RSA_BITS} are needed"
