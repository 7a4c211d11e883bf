"""Invented members of LinkedIn, and clients before a LinkedIn on loopback."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

from starlette.types import ASGIApp

from liendea_assets.clients.attempts import LimitedCalls
from liendea_assets.clients.linkedin import SERVICE, LinkedInApp, SnapshotClient, open_api
from liendea_assets.clients.rate_limit import OnWait, RateLimiter
from liendea_assets.core.clock import Clock
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.imports.linkedin_account import LinkedInAccount
from liendea_assets.sandbox.linkedin_server import CLIENT_ID, CLIENT_SECRET, LinkedIn, Member, Row
from liendea_assets.sandbox.serving import serving

Windows = tuple[tuple[int, int], ...]
WIDE: Windows = ((60, 1_000),)
ACCOUNT = "alex"
# no text of a message may ever be written anywhere
MESSAGE_TEXT = "the words of a private message"


def connection_row(number: int = 0, **changed: str) -> dict[str, str]:
    """A row of CONNECTIONS; columns by their names with underscores."""
    row = {
        "First Name": "Zoë",
        "Last Name": f"Łukasz-{number} 张伟",
        "URL": f"https://www.linkedin.com/in/zoe-{number}",
        "Email Address": "",
        "Company": 'Acme "Labs", Inc.',
        "Position": "VP\nSales",
        "Connected On": f"{number % 28 + 1:02} Feb 2026",
    }
    return row | {name.replace("_", " "): value for name, value in changed.items()}


def message_row(number: int = 0, **changed: str) -> dict[str, str]:
    """A row of INBOX, of connection 0 to the owner."""
    row = {
        "CONVERSATION ID": "c-1",
        "CONVERSATION TITLE": "a private title",
        "FROM": "Zoë Łukasz-0 张伟",
        "SENDER PROFILE URL": "https://www.linkedin.com/in/zoe-0",
        "TO": "Alex Morgan",
        "RECIPIENT PROFILE URLS": "https://www.linkedin.com/in/alex-morgan",
        "DATE": f"2026-02-{number + 1:02} 10:00:00 UTC",
        "SUBJECT": "a private subject",
        "CONTENT": MESSAGE_TEXT,
        "FOLDER": "INBOX",
    }
    return row | {name.replace("_", " "): value for name, value in changed.items()}


def full_domains(connections: int = 3) -> Mapping[str, Sequence[Row]]:
    """All that LinkedIn may hold of the invented Alex Morgan."""
    me = "https://www.linkedin.com/in/alex-morgan"
    return {
        "CONNECTIONS": [connection_row(number) for number in range(connections)],
        "PROFILE": [{"First Name": "Alex", "Last Name": "Morgan", "Birth Date": "a birth date", "Address": "a street"}],
        "POSITIONS": [{"Company Name": "Weft", "Title": "Sales", "Description": "a text", "Started On": "Jan 2024", "Finished On": ""}],
        "INVITATIONS": [
            {
                "From": "Alex Morgan",
                "To": "Zoë Łukasz-0",
                "Sent At": "1/29/26, 2:37 PM",
                "Message": MESSAGE_TEXT,
                "Direction": "OUTGOING",
                "inviterProfileUrl": me,
                "inviteeProfileUrl": "https://www.linkedin.com/in/zoe-0",
            }
        ],
        "ENDORSEMENTS": [
            {
                "Endorsement Date": "2025/11/02 09:00:00 UTC",
                "Skill Name": "Selling",
                "Endorser First Name": "Zoë",
                "Endorser Last Name": "Łukasz-0",
                "Endorser Public Url": "www.linkedin.com/in/zoe-0",
                "Endorsement Status": "ACCEPTED",
            },
            {
                "Endorsement Date": "2025/11/03 09:00:00 UTC",
                "Skill Name": "Buying",
                "Endorsee First Name": "Given",
                "Endorsee Last Name": "To",
            },
        ],
        "RECOMMENDATIONS": [
            {
                "First Name": "Zoë",
                "Last Name": "Łukasz-1",
                "Company": "Acme",
                "Job Title": "VP",
                "Text": MESSAGE_TEXT,
                "Creation Date": "01/02/26, 03:04 AM",
                "Status": "VISIBLE",
            }
        ],
        "INBOX": [message_row(number) for number in range(2)],
    }


def linkedin_on(
    clock: Clock, member: Member, *, redirect_uris: Sequence[str] = (), page_rows: int = 10, windows: Windows = WIDE
) -> LinkedIn:
    """A LinkedIn whose time is the test's."""
    return LinkedIn(member, redirect_uris, windows, page_rows, seconds=lambda: clock.now().timestamp())


@contextmanager
def snapshot_of(
    app: ASGIApp,
    db: Database,
    clock: Clock,
    *,
    token: str = "t0ken",
    windows: Windows = WIDE,
    max_wait_s: float = 600.0,
) -> Iterator[SnapshotClient]:
    """A client of this application, served on loopback."""
    with serving(app) as url:
        calls = LimitedCalls(SERVICE, RateLimiter(db, clock, {SERVICE: windows}), clock, max_wait_s)
        with closing(SnapshotClient(open_api(LinkedInApp(api_url=url), token), calls, ACCOUNT)) as client:
            yield client


@contextmanager
def account_at(
    url: str,
    home: Home,
    db: Database,
    clock: Clock,
    *,
    windows: Windows = WIDE,
    name: str = ACCOUNT,
    secret: str = CLIENT_SECRET,
    on_wait: OnWait | None = None,
) -> Iterator[LinkedInAccount]:
    """An account whose LinkedIn is at this address."""
    app = LinkedInApp(CLIENT_ID, secret, auth_url=url, api_url=url)
    yield LinkedInAccount(name, home, app, db, {SERVICE: windows}, clock, on_wait)


def no_progress(domain: str, pages: int, rows: int) -> None:
    """Tells nobody."""
