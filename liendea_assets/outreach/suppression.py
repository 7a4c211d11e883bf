"""Who is never to be contacted: addresses, domains and profiles of a file, kept as keyed hashes that outlive deletion and re-import."""

import csv
import email
import email.policy
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from liendea_assets.imports.domains import parse_domain
from liendea_assets.imports.emails import parse_email
from liendea_assets.imports.text_files import decode
from liendea_assets.imports.values import parse_linkedin_id
from liendea_assets.scoring.suppression_list import ADDRESS, DOMAIN, KEY_CHECK, PROFILE, suppression_hash


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
            entries.append(Suppression(named[0], suppression_hash(key, *named), reason))
    if entries:
        entries.append(Suppression(DOMAIN, suppression_hash(key, DOMAIN, KEY_CHECK), "marks the key"))
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
