"""Who is never to be contacted: addresses, domains and profiles, kept as keyed hashes that outlive deletion and re-import."""

import csv
import email
import email.policy
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.keyed_hash import keyed_hash
from liendea_assets.imports.domains import parse_domain
from liendea_assets.imports.emails import parse_email
from liendea_assets.imports.text_files import decode
from liendea_assets.imports.values import parse_linkedin_id

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
            address = email.strip().lower()
            if self._has(ADDRESS, address):
                return "the address is suppressed"
            labels = address.rpartition("@")[2].split(".")
            if any(self._has(DOMAIN, ".".join(labels[start:])) for start in range(len(labels))):
                return "the domain is suppressed"
        profile = _profile_of(url) if isinstance(url, str) else None
        if profile is not None and self._has(PROFILE, profile):
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

    Raises:
        UnreadableFile: not a text file.
    """
    entries, bad_lines = [], []
    if path.is_file():
        text = decode(path.read_bytes())
        for number, record in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
            value = record[0].strip() if record else ""
            if not value or value.startswith("#") or (number == 1 and value.lower() in ("value", "email", "address", "domain")):
                continue
            named = _read_value(value)
            if named is None:
                bad_lines.append(number)
                continue
            reason = record[1].strip() if len(record) > 1 and record[1].strip() else "listed in suppressions.csv"
            entries.append(Suppression(named[0], _hash(key, *named), reason))
    if entries:
        entries.append(Suppression(DOMAIN, _hash(key, DOMAIN, KEY_CHECK), "marks the key"))
    return SuppressionFile(entries, bad_lines)


def _read_value(value: str) -> tuple[str, str] | None:
    """Kind and normal spelling, the one that the imports give to contacts; None for what names nobody in full."""
    try:
        if "linkedin.com/" in value.lower():
            return PROFILE, parse_linkedin_id(value)
        value = value[1:] if value.startswith("*@") else value
        if "@" in value.removeprefix("@"):
            return ADDRESS, parse_email(value)
        # `acme.example robin` would lose the half that matters
        return None if len(value.split()) > 1 else (DOMAIN, parse_domain(value.removeprefix("@")))
    except ValueError:
        return None


def _profile_of(url: str) -> str | None:
    try:
        return parse_linkedin_id(url)
    except ValueError:
        return None


def _hash(key: bytes, kind: str, value: str) -> str:
    return keyed_hash(key, f"suppression {kind}", value)
