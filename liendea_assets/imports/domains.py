"""Web addresses to domains: one spelling for every script, and the domain that a company registered."""

import re
from functools import cache, lru_cache

import idna
import pandas as pd
from publicsuffixlist import PublicSuffixList

from liendea_assets.imports.links import link_target

_DOMAIN = re.compile(r"^(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])$")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://")
_WWW = re.compile(r"^(?:www\d?\.+)+")

# Never delegated (RFC 2606, RFC 6761): examples, tests and anonymised copies bear them.
RESERVED_SUFFIXES = frozenset({"example", "test", "invalid", "localhost"})
# Where companies have a page: its address says nothing about the company's own domain, and would make all of them one company.
PAGE_HOSTS = frozenset({
    "linkedin.com", "facebook.com", "fb.com", "twitter.com", "x.com", "instagram.com", "youtube.com", "xing.com", "crunchbase.com",
    "tiktok.com", "medium.com",
})  # fmt: skip
_NOT_A_WEB_ADDRESS = "not a web address"

PLAIN_HOST = r"(?:https?://)?(?:www\.)?[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.[A-Za-z]{2,24}/?"


def parse_domain(text: str) -> str:
    """`https://www.acme.example/about` → `acme.example`; Punycode becomes the letters that it stands for.

    Raises:
        ValueError: no host name with a dot in it.
    """
    return _host_and_path(text)[0]


# slices of a file share their values
@lru_cache(maxsize=200_000)
def parse_company_domain(text: str) -> str:
    """The registered domain of a company's web address by the public suffix list: `https://shop.acme.co.uk` → `acme.co.uk`.

    Raises:
        ValueError: no web address; an ending that does not exist; an ending alone; a page at a network, not a site of its own.
    """
    host, path = _host_and_path(re.split(r"[,;|]|\s+(?:and|or)\s+", link_target(text).strip(), maxsplit=1)[0])
    registered = registered_domain(host)
    if registered in PAGE_HOSTS and path.strip("/"):
        raise ValueError("the address of a page at a network, not of the company's own site")
    return registered


def registered_domain(host: str) -> str:
    """The part of a host name that somebody registered.

    Raises:
        ValueError: the host is nothing but a public suffix, or ends in none.
    """
    if host.rpartition(".")[2] in RESERVED_SUFFIXES:
        return ".".join(host.split(".")[-2:])
    registered = _suffixes().privatesuffix(host, accept_unknown=False)
    if registered is not None:
        return str(registered)
    if _suffixes().publicsuffix(host, accept_unknown=False) is None:
        raise ValueError("not a web address: no domain ends like this")
    raise ValueError("not the domain of a company: it is an ending under which anybody can register")


def find_plain_domains(texts: pd.Series) -> pd.Series:
    """Of web addresses of two plain labels under an ordinary ending the domain; missing where `parse_company_domain` must look.

    Args:
        texts: distinct values, `str`.
    """
    # matched before it is lower-cased: letters beyond ASCII may become plain ones by that
    plain = texts.where(texts.str.fullmatch(PLAIN_HOST)).str.lower()
    host = plain.str.replace(r"^(?:https?://)?(?:www\.)?", "", regex=True).str.rstrip("/")
    ending = host.str.replace(r"^.*\.", "", regex=True)
    usual = {name for name in ending.dropna().unique() if name in RESERVED_SUFFIXES or (_suffixes().is_public(name) and _is_simple(name))}
    two_level = {name for name in host.dropna().unique() if name.count(".") == 1 and _is_listed(name)}
    return host.where(host.str.contains(".", regex=False) & ending.isin(usual) & ~host.isin(two_level) & ~host.str.startswith("www"))


def normalise_host(host: str) -> str:
    """One spelling of a name in letters beyond ASCII, whether it came as Punycode or not. Raises ValueError where it is none."""
    if host.isascii() and "xn--" not in host:
        return host
    try:
        return idna.decode(idna.encode(host, uts46=True))
    except (idna.IDNAError, UnicodeError):
        raise ValueError(_NOT_A_WEB_ADDRESS) from None


def _host_and_path(text: str) -> tuple[str, str]:
    bare = _SCHEME.sub("", text.strip().lower())
    host = re.split(r"[/?#\s]", bare, maxsplit=1)[0]
    path = bare[len(host) :]
    host = host.split("@")[-1].split(":")[0].strip(".")
    host = _WWW.sub("", host)
    if not _DOMAIN.match(host):
        raise ValueError(_NOT_A_WEB_ADDRESS)
    return normalise_host(host), path


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _is_listed(name: str) -> bool:
    return _suffixes().publicsuffix(name, accept_unknown=False) == name


@cache
def _is_simple(ending: str) -> bool:
    """Whether any name below it is somebody's: no wildcard stands under it."""
    return _suffixes().privatesuffix(f"liendea-probe.{ending}", accept_unknown=False) is not None
