"""Credentials: what a request carries to show who asks, and tokens of OAuth2 client credentials."""

import base64
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from liendea_assets.clients.http import Answer
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import RejectedAnswer, SettingsError
from liendea_assets.enrichment.providers.settings import Auth

# A token is renewed this long before its end, so that no request carries one that ends on the way.
RENEW_BEFORE_S = 60.0

# Sends a form and returns the answer.
SendForm = Callable[[str, Mapping[str, str]], Answer]


class Credentials:
    """Headers and parameters of one provider. Threads may share them.

    Args:
        secrets: environment variable → value.
        send_form: asks for a token; needed for oauth2 alone.
    """

    def __init__(self, provider: str, auth: Auth, secrets: Mapping[str, str], send_form: SendForm, clock: Clock) -> None:
        self._provider = provider
        self._auth = auth
        self._secrets = secrets
        self._send_form = send_form
        self._clock = clock
        self._token: tuple[str, datetime] | None = None
        self._fetching = threading.Lock()

    @property
    def can_renew(self) -> bool:
        """Whether a refused request may succeed with another token."""
        return self._auth.kind == "oauth2"

    def renew(self, refused: Mapping[str, str]) -> None:
        """Gets a new token in place of the one in these headers, unless another thread has done so."""
        with self._fetching:
            if self._token is not None and refused == _bearer(self._token[0]):
                self._token = None
        self._current_token()

    def headers(self) -> dict[str, str]:
        """The headers of the next request.

        Raises:
            SettingsError: the provider gives no token.
            RejectedAnswer: a token that cannot be read.
        """
        auth = self._auth
        if auth.kind == "header":
            return {str(auth.name): auth.prefix + self._value(auth.secret)}
        if auth.kind == "bearer":
            return _bearer(self._value(auth.secret))
        if auth.kind == "basic":
            pair = f"{self._value(auth.username)}:{self._value(auth.secret)}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"}
        if auth.kind == "oauth2":
            return _bearer(self._current_token())
        return {}

    def query(self) -> dict[str, str]:
        """The parameters of every request."""
        return {str(self._auth.name): self._value(self._auth.secret)} if self._auth.kind == "query" else {}

    def _value(self, variable: str | None) -> str:
        return self._secrets[variable] if variable else ""

    def _current_token(self) -> str:
        with self._fetching:
            if self._token is None or self._token[1] <= self._clock.now():
                self._token = self._fetch_token()
            return self._token[0]

    def _fetch_token(self) -> tuple[str, datetime]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._value(self._auth.client_id),
            "client_secret": self._value(self._auth.secret),
            **({"scope": self._auth.scope} if self._auth.scope else {}),
        }
        answer = self._send_form(str(self._auth.token_path), form)
        if answer.status != 200:
            raise SettingsError(
                f"{self._provider}: no token (status {answer.status}); check {self._auth.client_id} and {self._auth.secret}"
            )
        content = answer.json()
        token = content.get("access_token") if isinstance(content, dict) else None
        lives_s = content.get("expires_in", 3_600) if isinstance(content, dict) else None
        if not isinstance(token, str) or not token or not isinstance(lives_s, int | float) or isinstance(lives_s, bool):
            raise RejectedAnswer(f"{self._provider}: the answer with the token breaks the contract in access_token or expires_in")
        return token, self._clock.now() + timedelta(seconds=min(max(0.0, lives_s - RENEW_BEFORE_S), 86_400.0))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
