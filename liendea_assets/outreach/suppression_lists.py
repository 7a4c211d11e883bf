"""Suppression lists of other tools and of ours: which column says what, which rows count, what a hash can still be matched with."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from liendea_assets.core.errors import BadValue, UnreadableFile
from liendea_assets.core.text import plain_cell
from liendea_assets.imports.text_files import decode
from liendea_assets.outreach.suppression import Suppression
from liendea_assets.outreach.suppression_store import normal_value
from liendea_assets.scoring.suppression_list import ADDRESS, DOMAIN, KEY_CHECK, PROFILE, suppression_hash

EXPORT_COLUMNS = ("kind", "key_hash", "value", "reason", "created_at")

_VALUES = {
    ADDRESS: ("email", "e-mail", "email address", "e-mail address", "emailaddress", "lead email", "contact email", "work email", "mail",
              "recipient", "email hash", "email sha256", "email md5", "sha256", "md5", "hashed email", "value", "address", "entry", "item"),
    PROFILE: ("linkedin", "linkedin url", "linkedin profile", "linkedin profile url", "person linkedin url", "profile", "profile url",
              "linkedinurl"),
    DOMAIN: ("domain", "company domain", "email domain", "website", "domains"),
}  # fmt: skip
_REASONS = ("reason", "status", "unsubscribe reason", "dnc reason", "comments", "lead status", "source", "type", "channel")
# Columns that say of each row whether it is one to leave alone; of a whole list of contacts only those rows count.
_FLAGS = (
    "unsubscribed", "is unsubscribed", "opted out", "opt out", "opted out of email", "has opted out of email", "email opt out", "optout",
    "do not contact", "do not email", "do not mail", "donotcontact", "dnc", "suppressed", "blacklisted", "email bounced", "bounced",
    "email unsubscribed", "has unsubscribed", "is bounced", "contact opted out",
)  # fmt: skip
_NO = ("", "0", "false", "no", "n", "f", "none", "null", "-", "never", "nein", "non")
_HASHES = {64: "sha256", 32: "md5"}


@dataclass(slots=True)
class ImportedList:
    """What a file says.

    Attributes:
        entries: to add, hashed with the home's key.
        bad_lines: numbers of lines that name nobody.
        passed_over: rows that say of themselves that nothing stands against the person.
        matched: hashes of another tool that a known contact has.
        unmatched: such hashes that nobody known has; nothing can be kept of them.
    """

    entries: list[Suppression] = field(default_factory=list)
    bad_lines: list[int] = field(default_factory=list)
    passed_over: int = 0
    matched: int = 0
    unmatched: int = 0


def read_list(path: Path, key: bytes, known_addresses: Sequence[str]) -> ImportedList:
    """Reads a CSV with a header line, or one value a line.

    Args:
        known_addresses: whom hashes of other tools may be about.

    Raises:
        UnreadableFile: no text, or an export of ours that another key has made.
    """
    text = decode(path.read_bytes())
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    found = ImportedList()
    header = [_plain(cell) for cell in records[0]] if records else []
    if {"kind", "key_hash"} <= {cell.strip().lower() for cell in records[0]} if records else False:
        _read_export(records, key, found)
        return found
    columns = {kind: position for kind, names in _VALUES.items() if (position := _find(header, names)) is not None}
    flags = [position for position, name in enumerate(header) if name in _FLAGS]
    reason = _find(header, _REASONS)
    start = 1 if columns else 0
    hashes = _hashes_of(known_addresses)
    for number, record in enumerate(records[start:], start=start + 1):
        if not any(cell.strip() for cell in record) or record[0].startswith("#"):
            continue
        if flags and not any(_cell(record, position).lower() not in _NO for position in flags):
            found.passed_over += 1
            continue
        told = _reason(_cell(record, reason) if reason is not None else "")
        values = [(kind, _cell(record, position)) for kind, position in columns.items()] if columns else [(ADDRESS, _cell(record, 0))]
        values = [(kind, value) for kind, value in values if value]
        if any(kind == ADDRESS for kind, _ in values):
            # the domain beside an address is that person's employer, and not to be suppressed with them
            values = [(kind, value) for kind, value in values if kind != DOMAIN]
        if not _add(found, values, told, key, hashes):
            found.bad_lines.append(number)
    if found.entries:
        found.entries.append(Suppression(DOMAIN, suppression_hash(key, DOMAIN, KEY_CHECK), "marks the key"))
    return found


def write_list(path: Path, entries: Sequence[Mapping[str, object]], known: Sequence[tuple[str, str]], key: bytes) -> int:
    """Writes all entries with `EXPORT_COLUMNS`; `value` where one of the known (kind, value) is meant. Returns how many have one."""
    rows = export_rows(entries, known, key)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(EXPORT_COLUMNS)
        out.writerows([plain_cell(cell) for cell in row] for row in rows)
    return sum(bool(row[EXPORT_COLUMNS.index("value")]) for row in rows)


def export_rows(entries: Sequence[Mapping[str, object]], known: Sequence[tuple[str, str]], key: bytes) -> list[tuple[str, ...]]:
    """The entries with `EXPORT_COLUMNS`, as `write_list` writes them."""
    readable = {(kind, suppression_hash(key, kind, value)): value for kind, value in known}
    return [
        tuple(
            readable.get((str(entry["kind"]), str(entry["key_hash"])), "") if name == "value" else str(entry[name])
            for name in EXPORT_COLUMNS
        )
        for entry in entries
    ]


def known_values(contacts: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(kind, value) of what is known of contacts (`work_email`, `linkedin_url`), in their normal spelling."""
    known = []
    for row in contacts:
        for kind, name in ((ADDRESS, "work_email"), (PROFILE, "linkedin_url")):
            if row[name]:
                try:
                    known.append((kind, normal_value(kind, row[name])))
                except BadValue:
                    continue
    return known


def name_value(value: str) -> tuple[str, str]:
    """Kind and normal spelling of an address, domain or profile.

    Raises:
        BadValue: it names nobody in full.
    """
    if "linkedin.com/" in value.lower():
        return PROFILE, normal_value(PROFILE, value)
    if "@" in value.removeprefix("*@").removeprefix("@"):
        return ADDRESS, normal_value(ADDRESS, value)
    if len(value.split()) > 1:
        raise BadValue("the value names neither an address, a domain nor a profile")
    return DOMAIN, normal_value(DOMAIN, value)


def _add(found: ImportedList, values: Sequence[tuple[str, str]], reason: str, key: bytes, hashes: Mapping[str, str]) -> bool:
    """Whether one of a row's values named somebody."""
    named = False
    for kind, value in values:
        if kind == ADDRESS and re.fullmatch(r"[0-9a-fA-F]+", value) and len(value) in _HASHES:
            named = True
            address = hashes.get(value.lower())
            found.matched += address is not None
            found.unmatched += address is None
            if address is not None:
                found.entries.append(Suppression(ADDRESS, suppression_hash(key, ADDRESS, address), reason))
            continue
        try:
            kind, normal = name_value(value) if kind == ADDRESS else (kind, normal_value(kind, value))  # noqa: PLW2901
        except BadValue:
            continue
        named = True
        found.entries.append(Suppression(kind, suppression_hash(key, kind, normal), reason))
    return named


def _read_export(records: Sequence[Sequence[str]], key: bytes, found: ImportedList) -> None:
    """Entries as they are, made with the same key."""
    names = [cell.strip().lower() for cell in records[0]]
    kind, key_hash, reason = names.index("kind"), names.index("key_hash"), _find(names, ("reason",))
    rows = [(number, record) for number, record in enumerate(records[1:], start=2) if any(record)]
    if rows and suppression_hash(key, DOMAIN, KEY_CHECK) not in {_cell(record, key_hash) for _, record in rows}:
        raise UnreadableFile(
            "this export was made with another data/secret.key, so nobody could be found by it; export readable values there"
        )
    for number, record in rows:
        if _cell(record, kind) in _VALUES and re.fullmatch(r"[0-9a-f]{32}", _cell(record, key_hash)):
            told = _cell(record, reason) if reason is not None else ""
            found.entries.append(Suppression(_cell(record, kind), _cell(record, key_hash), told or "imported"))
        else:
            found.bad_lines.append(number)


def _hashes_of(addresses: Sequence[str]) -> dict[str, str]:
    pairs: Iterator[tuple[str, str]] = (
        (hashlib.new(name, address.encode(), usedforsecurity=False).hexdigest(), address)
        for address in addresses
        for name in _HASHES.values()
    )
    return dict(pairs)


def _reason(told: str) -> str:
    """A tool's own word, where it is a word and names nobody."""
    word = " ".join(told.split())[:60]
    return (
        f"imported: {word.lower()}"
        if word and "@" not in word and re.fullmatch(r"[\w /_-]+", word) and len(word.split()) <= 4
        else "imported"
    )


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max((",", ";", "\t"), key=first.count)


def _find(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _plain(cell: str) -> str:
    """`Email Address`, `email_address` and `EmailAddress` alike, as far as blanks go."""
    return " ".join(re.sub(r"[_\s]+", " ", cell).split()).strip("\ufeff ?").lower()


def _cell(record: Sequence[str], position: int | None) -> str:
    return record[position].strip() if position is not None and position < len(record) else ""
