"""Who is never to be contacted: addresses, domains and profiles, kept as keyed hashes that outlive deletion and re-import."""

import csv
import email
import email.policy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.keyed_hash import keyed_hash

ADDRESS, DOMAIN, PROFILE = "address", "domain", "profile"

# A suppression of nobody, written with the first real one. Without it a lost or exchanged key would silently suppress nobody.
KEY_CHECK = "key-check.invalid"


@dataclass(frozen=True, slots=True)
class Suppression:
    """One entry; `key_hash` stands for the address, domain or profile."""

    kind: str
    key_hash: str
    reason: str


@dataclass(frozen=True, slots=True)
class SuppressionFile:
    """What a file holds, and the numbers of lines that name neither an address, a domain nor a profile."""

    entries: list[Suppression]
    bad_lines: list[int]


class SuppressionList:
    """Answers whether somebody is suppressed.

    Raises:
        SettingsError: the entries were made with another key, so nothing could be found in them.
    """

    def __init__(self, key: bytes, entries: Iterable[tuple[str, str]]) -> None:
        self._key = key
        self._entries = set(entries)
        if self._entries and (DOMAIN, _hash(key, DOMAIN, KEY_CHECK)) not in self._entries:
            raise SettingsError("data/secret.key is not the key that the suppressions were made with; restore it from a backup of the home")

    def reason(self, contact: Mapping[str, object]) -> str | None:
        """Why a contact must not be contacted, by `work_email` and `linkedin_url`; None where nothing stands against it."""
        email, url = contact.get("work_email"), contact.get("linkedin_url")
        if isinstance(email, str) and email:
            if self._has(ADDRESS, email):
                return "the address is suppressed"
            labels = email.rpartition("@")[2].split(".")
            if any(self._has(DOMAIN, ".".join(labels[start:])) for start in range(len(labels))):
                return "the domain is suppressed"
        if isinstance(url, str) and url and self._has(PROFILE, url):
            return "the LinkedIn profile is suppressed"
        return None

    def _has(self, kind: str, value: str) -> bool:
        return (kind, _hash(self._key, kind, value)) in self._entries


def recipients(queued: Mapping[str, object]) -> list[dict[str, object]]:
    """Whom a queued message would reach: the person as known now, and whoever the rendered e-mail itself names in To."""
    found = [{"work_email": queued["work_email"], "linkedin_url": queued["linkedin_url"]}]
    if queued["outreach_type"] == "email":
        header = email.message_from_string(str(queued["message"]), policy=email.policy.SMTP)["To"]
        found += [{"work_email": address.addr_spec} for address in header.addresses]
    return found


def read_suppressions(path: Path, key: bytes) -> SuppressionFile:
    """The file `suppressions.csv`: a column with addresses, domains or profile addresses, and optionally one with the reason.

    A file that does not exist holds nothing. A header line (`value,reason`) may stand or not.
    """
    entries, bad_lines = [], []
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, record in enumerate(csv.reader(file), start=1):
                value = record[0].strip() if record else ""
                if not value or value.startswith("#") or (number == 1 and value.lower() in ("value", "email", "address", "domain")):
                    continue
                kind = _kind_of(value)
                if kind is None:
                    bad_lines.append(number)
                    continue
                reason = record[1].strip() if len(record) > 1 and record[1].strip() else "listed in suppressions.csv"
                entries.append(Suppression(kind, _hash(key, kind, value), reason))
    if entries:
        entries.append(Suppression(DOMAIN, _hash(key, DOMAIN, KEY_CHECK), "marks the key"))
    return SuppressionFile(entries, bad_lines)


def _kind_of(value: str) -> str | None:
    if "linkedin.com/in/" in value.lower():
        return PROFILE
    if " " in value or "." not in value.rpartition("@")[2]:
        return None
    return ADDRESS if value.count("@") == 1 and not value.startswith("@") else DOMAIN if value.count("@") <= 1 else None


def _hash(key: bytes, kind: str, value: str) -> str:
    plain = value.strip().lower()
    if kind == PROFILE:
        plain = unquote(urlsplit(plain).path).partition("/in/")[2].strip("/").partition("/")[0]
    return keyed_hash(key, f"suppression {kind}", plain.removeprefix("@"))
