"""A colleague's account at LinkedIn: give access, fetch the data, forget the access."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from datetime import datetime, timedelta

from liendea_assets.clients.attempts import LimitedCalls
from liendea_assets.clients.linkedin import SERVICE, LinkedInApp, SnapshotClient, open_api
from liendea_assets.clients.linkedin_login import LoginClient, RedirectReceiver, authorise
from liendea_assets.clients.pacing import Pacing
from liendea_assets.clients.rate_limit import OnWait, RateLimiter
from liendea_assets.clients.settings import Windows
from liendea_assets.clients.token_store import Token, TokenStore, check_account
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.imports.linkedin_api import FetchReport, Progress, fetch_snapshot
from liendea_assets.imports.linkedin_pages import KeptPages

# How long the member may take to log in and consent; LinkedIn's code lives half an hour.
CONSENT_WITHIN_S = 600.0
# The window of the hour is waited out, that of the day is not: the pages are kept, and tomorrow the fetch goes on.
LONGEST_WAIT_S = 3_700.0
# What LinkedIn gives its tokens; a token that was pasted does not say it.
TOKEN_LIVES = timedelta(days=60)


class LinkedInAccount:
    """One account.

    Args:
        name: what it is called here.
        ledger: opened durable.

    Raises:
        SettingsError: the name cannot be used.
    """

    def __init__(
        self,
        name: str,
        home: Home,
        app: LinkedInApp,
        ledger: Database,
        windows: Windows,
        clock: Clock,
        on_wait: OnWait | None = None,
        pacing: Mapping[str, Pacing] | None = None,
    ) -> None:
        self._name = check_account(name)
        self._home = home
        self._app = app
        self._ledger = ledger
        self._clock = clock
        self._calls = LimitedCalls(SERVICE, RateLimiter(ledger, clock, windows, pacing), clock, LONGEST_WAIT_S, on_wait)
        self._tokens = TokenStore(home.data / "linkedin_tokens", load_key(home.data / "secret.key"))
        self._kept = KeptPages(home.data / "linkedin_pages" / name)

    def authorise(self, port: int, state: str, show: Callable[[str, str], None], timeout_s: float = CONSENT_WITHIN_S) -> datetime:
        """Lets the member consent in a browser, and keeps the token. Returns when it expires.

        Args:
            port: of the redirect address; 0 for any.
            state: a new secret.
            show: told the address of LinkedIn's page and the redirect address.

        Raises: as `clients.linkedin_login`; nothing was stored.
        """
        with (
            self._alone(),
            closing(LoginClient(self._app, self._calls, self._clock)) as login,
            RedirectReceiver(port, state) as receiver,
        ):
            token = authorise(login, receiver, state, lambda address: show(address, receiver.redirect_uri), timeout_s)
            return self._keep(token)

    def keep_token(self, access_token: str) -> datetime:
        """Keeps a token that the member made in LinkedIn's developer portal. Returns when it expires at the latest.

        Raises:
            SettingsError: no token.
        """
        pasted = access_token.strip()
        if not (pasted and pasted.isascii() and pasted.isprintable()):
            raise SettingsError("linkedin: that is no token: it is empty, or holds more than printable ASCII")
        with self._alone():
            return self._keep(Token(pasted, self._clock.now() + TOKEN_LIVES))

    def fetch(self, progress: Progress) -> FetchReport:
        """Fetches the data into the inbox.

        Raises:
            SettingsError: not authorised, or no longer; the text says how.
            LiendeaError: as `fetch_snapshot`; what was fetched is kept.
        """
        token = self._tokens.load(self._name)
        if token.expires_at <= self._clock.now():
            raise SettingsError(
                f"linkedin: the token of {self._name} expired on {token.expires_at:%Y-%m-%d}. "
                f"Authorise again: liendea linkedin authorise --account {self._name}"
            )
        with (
            self._alone(),
            closing(SnapshotClient(open_api(self._app, token.access_token), self._calls, self._name)) as client,
        ):
            return fetch_snapshot(client, self._name, self._home.inbox, self._kept, self._clock, progress)

    def forget(self) -> bool:
        """Deletes the token and the pages of a fetch under way. Returns whether there was a token."""
        with self._alone():
            self._kept.drop()
            return self._tokens.forget(self._name)

    def _alone(self) -> AbstractContextManager[None]:
        """Keeps others from the account: another member's consent amid a fetch would mix two people's pages."""
        return exclusive(self._ledger, f"linkedin-{self._name}", wait_s=0)

    def _keep(self, token: Token) -> datetime:
        # somebody else may have consented under this name; two people's pages must not become one archive
        self._kept.drop()
        self._tokens.save(self._name, token)
        return token.expires_at
