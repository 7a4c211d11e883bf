"""LinkedIn's Member Data Portability API: what LinkedIn holds of the member who gave the token, page by page.

Source: learn.microsoft.com/linkedin/dma/member-data-portability, seen 2026. It serves members in the EEA and Switzerland. Every
attempt takes a slot of the limiter and is in the ledger.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from liendea_assets.clients.attempts import LimitedCalls
from liendea_assets.clients.http import Answer, HttpClient
from liendea_assets.core.errors import RejectedAnswer, SettingsError, TransientError

SERVICE = "linkedin"
AUTH_URL = "https://www.linkedin.com"
API_URL = "https://api.linkedin.com"
# A member's own data, for the app that the member has made; other people's needs r_dma_portability_3rd_party.
SCOPE = "r_dma_portability_self_serve"
API_VERSION = "202312"
SNAPSHOT_PATH = "/rest/memberSnapshotData"
# A page of messages holds their texts.
LARGEST_PAGE = 32 * 1024 * 1024
# At a hundred calls a day this is seven weeks: a server that never comes to an end is stopped.
MOST_PAGES = 5_000

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NotCollatedYet(TransientError):
    """LinkedIn has not put this domain of the member's data together yet, or holds nothing of it."""


@dataclass(frozen=True, slots=True)
class LinkedInApp:
    """The app that the user has registered at LinkedIn, and where LinkedIn is."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scope: str = SCOPE
    auth_url: str = AUTH_URL
    api_url: str = API_URL


@dataclass(frozen=True, slots=True)
class SnapshotPage:
    """A page of a domain.

    Attributes:
        rows: column name (of the export's CSV) → text; empty where LinkedIn says null.
        next_link: path and query of the page after it; None on the last one.
    """

    rows: Sequence[Mapping[str, str]]
    next_link: str | None


class SnapshotClient:
    """Reads the snapshot of one member.

    Args:
        http: of `open_api`.
        account: the name that the token is kept under, for messages.
    """

    def __init__(self, http: HttpClient, calls: LimitedCalls, account: str) -> None:
        self._http = http
        self._calls = calls
        self._account = account

    def read_pages(self, domain: str, after: Sequence[str] = ()) -> Iterator[SnapshotPage]:
        """Yields the pages of a domain in their order, asking for each when it is wanted.

        Args:
            domain: CONNECTIONS, PROFILE …
            after: the next links of the pages that are known already, in their order; reading goes on at the last of them.

        Raises:
            NotCollatedYet: there is no first page.
            RejectedAnswer: an answer that breaks the contract, or a next link that leads elsewhere or in a circle.
            ServiceUnavailable, LimitReached: try again later.
            SettingsError: the token is refused, or the server is another one.
        """
        followed = list(after)
        if any(not link.startswith(f"{SNAPSHOT_PATH}?") for link in followed):
            raise RejectedAnswer(f"linkedin: a kept link of {domain} leads elsewhere; allowed is {SNAPSHOT_PATH}")
        former: Sequence[Mapping[str, str]] = ()
        while len(followed) < MOST_PAGES:
            page = self._read_page(domain, followed)
            if page is None:
                return
            if page.rows and page.rows == former:
                raise RejectedAnswer(f"linkedin: page {len(followed) + 1} of {domain} repeats the page before it")
            former = page.rows
            if page.next_link is not None and page.next_link in followed:
                raise RejectedAnswer(f"linkedin: the next link of page {len(followed) + 1} of {domain} leads back to a page that was read")
            yield page
            if page.next_link is None:
                return
            followed.append(page.next_link)
        raise RejectedAnswer(f"linkedin: {domain} has more than {MOST_PAGES} pages")

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _read_page(self, domain: str, followed: Sequence[str]) -> SnapshotPage | None:
        """The page that the last link leads to, the first one where none was followed; None after the end."""
        path = followed[-1] if followed else f"{SNAPSHOT_PATH}?q=criteria&domain={domain}"
        answer = self._calls.call("snapshot", lambda: self._http.request("GET", path), longest_s=self._http.deadline_s, good=(200, 404))
        if answer.status == 404 and _is_no_data(answer):
            # one status for two things: the end of the pages, and a snapshot that is not there
            if followed:
                return None
            raise NotCollatedYet(
                f"linkedin: no data for {domain} yet; LinkedIn puts a member's data together after the member has authorised the app, "
                "which takes from minutes to some hours. Try again later."
            )
        if answer.status != 200:
            raise self._refusal(answer)
        return _parse_page(answer, domain, self._http.base_url, len(followed) + 1)

    def _refusal(self, answer: Answer) -> Exception:
        again = f"liendea linkedin authorise --account {self._account}"
        if answer.status == 401:
            return SettingsError(
                f"linkedin: the token of {self._account} has expired or was revoked (status 401). Authorise again: {again}"
            )
        if answer.status == 403:
            return SettingsError(
                f"linkedin: the token of {self._account} may not read the member's data (status 403). The app needs the product "
                "Member Data Portability API and its scope (LINKEDIN_SCOPE), and the member has to live in the EEA or Switzerland. "
                f"Then authorise again: {again}"
            )
        if answer.status == 426:
            return SettingsError(f"linkedin: the API no longer serves version {API_VERSION} (status 426); update LIENDEA")
        if answer.status in (301, 302, 303, 307, 308, 404, 405):
            return SettingsError(f"linkedin: the server does not know the snapshot (status {answer.status}); check LINKEDIN_API_URL")
        return RejectedAnswer(f"linkedin: unexpected status {answer.status}")


def open_api(app: LinkedInApp, access_token: str) -> HttpClient:
    """The API's server, asked in the name of the member.

    Raises:
        SettingsError: an address that would show the token to others on the way.
    """
    check_address("LINKEDIN_API_URL", app.api_url)
    headers = {"Authorization": f"Bearer {access_token}", "LinkedIn-Version": API_VERSION}
    return HttpClient(app.api_url, headers, largest_body=LARGEST_PAGE)


def check_address(variable: str, url: str) -> None:
    """Raises `SettingsError` unless what is sent there is encrypted, or stays on this machine."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    is_encrypted = parsed.scheme == "https" and bool(parsed.host)
    is_here = parsed.scheme == "http" and parsed.host in _LOOPBACK
    if not (is_encrypted or is_here) or parsed.path not in ("", "/"):
        raise SettingsError(f"{variable} must be an https:// address without a path (http:// on this machine alone)")


def _is_no_data(answer: Answer) -> bool:
    """Whether a 404 is the API's own; that of another web server is no end of the pages."""
    try:
        content = answer.json()
    except RejectedAnswer:
        return False
    message = content.get("message") if isinstance(content, dict) else None
    return isinstance(message, str) and "no data found" in message.lower()


def _parse_page(answer: Answer, domain: str, base_url: str, number: int) -> SnapshotPage:
    content = answer.json()
    where = f"linkedin: page {number} of {domain}"
    elements = content.get("elements") if isinstance(content, dict) else None
    if not isinstance(elements, list):
        raise RejectedAnswer(f"{where} has no list of elements")
    rows: list[Mapping[str, str]] = []
    for element in elements:
        if not isinstance(element, dict) or element.get("snapshotDomain") != domain:
            raise RejectedAnswer(f"{where} holds an element of another domain")
        data = element.get("snapshotData")
        # a domain of one row, such as PROFILE, may come without the list around it
        for row in data if isinstance(data, list) else [data]:
            if not isinstance(row, dict):
                raise RejectedAnswer(f"{where} has a row that is no object")
            rows.append({_text(name): _text(value) for name, value in row.items() if not isinstance(value, dict)})
    return SnapshotPage(rows, _next_link(content, domain, base_url, where))


def _next_link(content: Mapping[str, Any], domain: str, base_url: str, where: str) -> str | None:
    """Path and query of the next page.

    Raises:
        RejectedAnswer: the link leads to another host, path or domain; the token would go with it.
    """
    paging = content.get("paging")
    links = paging.get("links", []) if isinstance(paging, dict) else []
    if not isinstance(links, list):
        raise RejectedAnswer(f"{where} has links that are no list")
    found = [link.get("href") for link in links if isinstance(link, dict) and link.get("rel") == "next"]
    if not found:
        return None
    if len(found) > 1 or not isinstance(found[0], str):
        raise RejectedAnswer(f"{where} has a next link that is no text, or several of them")
    base = httpx.URL(base_url)
    try:
        link = base.join(found[0])
    except httpx.InvalidURL:
        raise RejectedAnswer(f"{where} has a next link that is no address") from None
    if (link.scheme, link.host, link.port, link.userinfo) != (base.scheme, base.host, base.port, b""):
        raise RejectedAnswer(f"{where} has a next link to another host; allowed is {base.host}")
    if link.path != SNAPSHOT_PATH or link.params.get("domain") != domain:
        raise RejectedAnswer(f"{where} has a next link to another path or domain; allowed is {SNAPSHOT_PATH} with domain={domain}")
    return link.raw_path.decode("ascii")


def _text(value: object) -> str:
    """A value of a row as the CSV has it; several values stand with commas between them."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(_text(item) for item in value if not isinstance(item, dict | list))
    # "\ud800" and NUL are proper JSON and no text: the first cannot be written, the second makes a CSV unreadable
    return str(value).replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
