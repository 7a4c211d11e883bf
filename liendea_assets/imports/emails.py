"""E-mail addresses: read, told apart by kind. Plain ones column-wise; email-validator (without DNS) decides about the rest."""

import re
from collections.abc import Collection, Container
from urllib.parse import unquote

import pandas as pd
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from liendea_assets.imports.links import link_target

# Every address of this form is one to email-validator, and its normal form is itself in small letters; a property test holds them together.
_PLAIN = r"(?:[Mm][Aa][Ii][Ll][Tt][Oo]:)?[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,24}"
# RFC 5321 allows 64 before the sign; an address that is not longer than that is within every limit.
_LONGEST_PLAIN = 64
_SPECIAL = rf"\.(?:{'|'.join(sorted({name.rpartition('.')[2] for name in SPECIAL_USE_DOMAIN_NAMES} - {'test'}))})$"
_SEPARATORS = re.compile(r"[;,|]|\s/\s|\s(?:or|and|oder|und|ou)\s")
_MAILTO = re.compile(r"^\s*mailto:", re.IGNORECASE)
_NOT_AN_ADDRESS = "not an e-mail address"


def parse_email(text: str) -> str:
    """A lower-cased address; of `Robin Weaver <robin@acme.example>` the part in brackets, of a link the address that it leads to.

    Raises:
        ValueError: no address by RFC 5321 and 5322 (no DNS is asked), or more than one.
    """
    address = _address(link_target(text))
    if address is None:
        raise ValueError(_NOT_AN_ADDRESS)
    return address


def parse_best_email(text: str, role_accounts: Container[str] = frozenset()) -> str:
    """As `parse_email`; of several addresses in a cell the first of a person, else the first.

    Args:
        role_accounts: names before the sign that are a desk's.

    Raises:
        ValueError: no address.
    """
    found = [address for part in _parts(link_target(text)) if (address := _address(part)) is not None]
    if not found:
        raise ValueError(_NOT_AN_ADDRESS)
    return next((address for address in found if not is_role(address, role_accounts)), found[0])


def find_plain_emails(texts: pd.Series) -> pd.Series:
    """Of plain addresses the normal form; missing where `parse_email` must look.

    Args:
        texts: distinct values, `str`.
    """
    # matched before it is lower-cased: letters beyond ASCII may become plain ones by that
    lowered = texts.where(texts.str.fullmatch(_PLAIN)).str.lower().str.removeprefix("mailto:")
    is_plain = (lowered.str.len() <= _LONGEST_PLAIN) & ~lowered.str.contains(_SPECIAL)
    return lowered.where(is_plain)


def find_email_kinds(addresses: pd.Series, role_accounts: Collection[str], free_mail_domains: Collection[str]) -> pd.Series:
    """The kind of each address: role before disposable before free, else personal; missing where there is no address.

    Args:
        addresses: as `parse_email` gives them, `str`.
    """
    # ten thousand names, which only this function needs
    from disposable_email_domains import blocklist

    local = addresses.str.replace(r"[+@].*$", "", regex=True)
    domain = addresses.str.replace(r"^.*@", "", regex=True)
    kinds = pd.Series("personal", index=addresses.index, dtype="str")
    kinds = kinds.mask(domain.isin(list(free_mail_domains)), "free")
    kinds = kinds.mask(domain.isin({name for name in domain.dropna().unique() if _is_below(name, blocklist)}), "disposable")
    kinds = kinds.mask(local.isin(list(role_accounts)), "role")
    return kinds.where(addresses.notna())


def is_role(address: str, role_accounts: Container[str]) -> bool:
    """Whether an address is a desk's: `info@…`, `info+fair@…`."""
    return address.partition("@")[0].partition("+")[0] in role_accounts


def _is_below(domain: str, listed: Container[str]) -> bool:
    """Whether a domain or one above it is listed."""
    return any(domain.split(".", position)[-1] in listed for position in range(domain.count(".")))


def _parts(text: str) -> list[str]:
    if len(re.findall(r"<[^<>]+@[^<>]+>", text)) == 1:
        return [text]
    parts = [part for part in _SEPARATORS.split(text) if part.strip()]
    words = text.split()
    if len(words) > 1 and all("@" in word for word in words):
        return words
    return parts


def _address(part: str) -> str | None:
    named = re.search(r"<([^<>]+)>", part)
    bare = named.group(1) if named else part
    if _MAILTO.match(bare):
        bare = unquote(_MAILTO.sub("", bare).split("?")[0])
    bare = bare.strip(" ;,<>\"'")
    try:
        # test_environment admits *.test, which mail laboratories use and no real address has
        return validate_email(bare, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        return None
