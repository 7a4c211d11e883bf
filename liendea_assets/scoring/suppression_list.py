"""Finding people among the suppressions, which are keyed hashes of addresses, domains and profiles."""

from collections.abc import Iterable, Mapping

import pandas as pd

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.keyed_hash import keyed_hash
from liendea_assets.imports.values import parse_linkedin_id

ADDRESS, DOMAIN, PROFILE = "address", "domain", "profile"

REASONS = {ADDRESS: "the address is suppressed", DOMAIN: "the domain is suppressed", PROFILE: "the LinkedIn profile is suppressed"}

# A suppression of nobody, written with the first real one. Without it a lost or exchanged key would silently suppress nobody.
KEY_CHECK = "key-check.invalid"


class SuppressionList:
    """Answers whether somebody is suppressed.

    Raises:
        SettingsError: the entries were made with another key, so nothing could be found in them.
    """

    def __init__(self, key: bytes, entries: Iterable[tuple[str, str]]) -> None:
        self._key = key
        self._entries = set(entries)
        if self._entries and (DOMAIN, suppression_hash(key, DOMAIN, KEY_CHECK)) not in self._entries:
            raise SettingsError("data/secret.key is not the key that the suppressions were made with; restore it from a backup of the home")

    def reason(self, contact: Mapping[str, object]) -> str | None:
        """Why a contact must not be contacted, by `work_email` and `linkedin_url`; None where nothing stands against it."""
        email, url = contact.get("work_email"), contact.get("linkedin_url")
        found = self._reason_of_address(email) if isinstance(email, str) and email else None
        return found or (self._reason_of_profile(url) if isinstance(url, str) else None)

    def find(self, known: pd.DataFrame) -> dict[int, str]:
        """Contact id → why nobody may write to that person. Each distinct address and profile is hashed once.

        Args:
            known: `contact_id`, `work_email`, `linkedin_url`; a contact may have several rows.
        """
        found: dict[int, str] = {}
        for column, reason_of in (("linkedin_url", self._reason_of_profile), ("work_email", self._reason_of_address)):
            rows = known[["contact_id", column]].dropna() if self._entries else known.iloc[:0]
            reasons = {value: reason for value in rows[column].unique() if value and (reason := reason_of(str(value)))}
            matched = rows[rows[column].isin(list(reasons))]
            found |= {int(id_): reasons[value] for id_, value in zip(matched["contact_id"], matched[column], strict=True)}
        return found

    def _reason_of_address(self, email: str) -> str | None:
        return next((REASONS[kind] for kind, value in address_names(email) if self._has(kind, value)), None)

    def _reason_of_profile(self, url: str) -> str | None:
        return next((REASONS[kind] for kind, value in profile_names(url) if self._has(kind, value)), None)

    def _has(self, kind: str, value: str) -> bool:
        return (kind, suppression_hash(self._key, kind, value)) in self._entries


def possible_entries(key: bytes, addresses: Iterable[str], urls: Iterable[str]) -> set[tuple[str, str]]:
    """(kind, key_hash) of every entry that would stand against these addresses and profiles, to be looked up one person at a time."""
    names = [name for address in addresses for name in address_names(address)] + [name for url in urls for name in profile_names(url)]
    return {(kind, suppression_hash(key, kind, value)) for kind, value in names}


def address_names(email: str) -> list[tuple[str, str]]:
    """(kind, value) of each entry that would suppress an address: itself, its domain, the domains above."""
    address = email.strip().lower()
    labels = address.rpartition("@")[2].split(".")
    return [(ADDRESS, address), *((DOMAIN, ".".join(labels[start:])) for start in range(len(labels)))]


def profile_names(url: str) -> list[tuple[str, str]]:
    """(kind, value) of the entry that would suppress a LinkedIn profile; nothing where it is no profile's address."""
    try:
        return [(PROFILE, parse_linkedin_id(url))]
    except ValueError:
        return []


def suppression_hash(key: bytes, kind: str, value: str) -> str:
    """What stands for an address, domain or profile in its normal spelling."""
    return keyed_hash(key, f"suppression {kind}", value)
