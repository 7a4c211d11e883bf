"""Who is logged in at the desk: one-time links of the terminal, and signed cookies that expire."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from liendea_assets.core.clock import from_text, to_text
from liendea_assets.core.errors import LiendeaError
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import keyed_hash, load_key

# A link is printed where the desk starts, and maybe opened after lunch.
LINK_LASTS = timedelta(hours=12)
SESSION_LASTS = timedelta(hours=12)
LONGEST_NAME = 80


class NotLoggedIn(LiendeaError):
    """The link or the session is none, or none any more."""


@dataclass(frozen=True, slots=True)
class Session:
    """A person at the desk.

    Attributes:
        by: the name that they gave; it stands beside what they do.
        csrf: stands in each of this session's forms.
    """

    id: str
    by: str
    csrf: str


class Sessions:
    """Logs in and out. What has to be remembered lies in data/desk, so that it holds over restarts and for several processes.

    Args:
        port: of the desk. Cookies know no ports, so their name says it.
    """

    def __init__(self, home: Home, port: int) -> None:
        self._folder = home.make_private_folder(home.data / "desk")
        self._key = load_key(home.data / "desk.key")
        self._signer = URLSafeSerializer(self._key, salt="desk session", signer_kwargs={"digest_method": hashlib.sha256})
        self._cookie = f"liendea_desk_{port}"

    def new_link_token(self, now: datetime) -> str:
        """A token that logs one person in, once. Only its hash is kept."""
        self._forget_old(now)
        token = secrets.token_urlsafe(32)
        _write_private(self._folder / f"link-{_digest(token)}", to_text(now + LINK_LASTS))
        return token

    def log_in(self, token: str, by: str, now: datetime) -> str:
        """Exchanges a link's token for the content of a cookie.

        Raises:
            NotLoggedIn: the token is unknown, used or too old, or the name is none.
        """
        name = " ".join(by.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise NotLoggedIn(f"a name of up to {LONGEST_NAME} characters is needed")
        digest = _digest(token)
        found = [path for path in self._folder.glob("link-*") if hmac.compare_digest(path.name.removeprefix("link-"), digest)]
        try:
            until = from_text(found[0].read_text(encoding="ascii")) if found else None
            if found:
                # who deletes it has used it; another one at the same time finds nothing to delete
                found[0].unlink()
        except FileNotFoundError:
            until = None
        if until is None or now >= until:
            raise NotLoggedIn("this link was used already, or is too old; `liendea desk --link` prints another one")
        return str(self._signer.dumps({"id": secrets.token_hex(16), "by": name, "until": to_text(now + SESSION_LASTS)}))

    def find(self, request: Request, now: datetime) -> Session:
        """The session of a request.

        Raises:
            NotLoggedIn: it has none that holds.
        """
        try:
            content = self._signer.loads(request.cookies.get(self._cookie, ""))
        except BadData:
            raise NotLoggedIn("nobody is logged in") from None
        if now >= from_text(content["until"]) or (self._folder / f"ended-{_digest(content['id'])}").exists():
            raise NotLoggedIn("the session has ended")
        return Session(content["id"], content["by"], keyed_hash(self._key, "desk form", content["id"]))

    def end(self, session: Session, now: datetime) -> None:
        """Logs out, for copies of the cookie too."""
        _write_private(self._folder / f"ended-{_digest(session.id)}", to_text(now + SESSION_LASTS))

    def set_cookie(self, response: Response, content: str) -> None:
        """Gives the browser its session; no script reads it, and no other site makes the browser send it."""
        response.set_cookie(self._cookie, content, max_age=int(SESSION_LASTS.total_seconds()), path="/", httponly=True, samesite="strict")

    def delete_cookie(self, response: Response) -> None:
        """Takes it away."""
        response.delete_cookie(self._cookie, path="/", httponly=True, samesite="strict")

    def sign_note(self, text: str, is_problem: object) -> str:
        """What the next page says, for a cookie."""
        return str(self._signer.dumps({"note": text, "is_problem": bool(is_problem)}, salt="desk note"))

    def read_note(self, content: str) -> tuple[str, bool] | None:
        """The reverse; None for anything else."""
        try:
            found = self._signer.loads(content, salt="desk note")
        except BadData:
            return None
        return found["note"], found["is_problem"]

    def _forget_old(self, now: datetime) -> None:
        for path in [*self._folder.glob("link-*"), *self._folder.glob("ended-*")]:
            try:
                if now >= from_text(path.read_text(encoding="ascii")):
                    path.unlink()
            except (FileNotFoundError, ValueError):
                continue


def is_same(left: str, right: str) -> bool:
    """Compares secrets in a time that tells nothing of where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
