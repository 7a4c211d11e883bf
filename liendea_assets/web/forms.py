"""What a browser sends: bodies of bounded size, forms with the session's own token, paths to go back to."""

import asyncio
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

from liendea_assets.core.errors import BadValue
from liendea_assets.web.session import Session, is_same

CSRF_FIELD = "csrf"
# a list of suppressions that another tool exported is the largest thing that anybody sends
MOST_BYTES = 8_000_000
MOST_FIELDS = 200
# Who sends a byte now and then holds a connection, and nothing more.
BODY_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form; of several of one name the last. `file` is the content of the one file, if any."""

    fields: dict[str, str]
    file: bytes | None = None

    def text(self, name: str) -> str:
        """A field without blanks around it; empty where there is none."""
        return self.fields.get(name, "").strip()

    def number(self, name: str) -> int:
        """A field that must be a whole number.

        Raises:
            BadValue: it is none.
        """
        return to_number(self.text(name), name)

    def one_of(self, name: str, *allowed: str) -> str:
        """A field that must be one of these.

        Raises:
            BadValue: it is not.
        """
        if self.text(name) not in allowed:
            raise BadValue(f"{name}: allowed are {', '.join(allowed)}")
        return self.text(name)


def to_number(text: str, name: str) -> int:
    """A whole number that SQLite can hold.

    Raises:
        BadValue: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadValue(f"{name}: a whole number is needed")
    return int(text)


async def read_form(request: Request, most_bytes: int = MOST_BYTES, within_s: float = BODY_WITHIN_S) -> Form:
    """The form of a request.

    Raises:
        HTTPException: 413 for more than is read, 400 for what is no form, 408 for what takes too long to come.
    """
    capped = Request(request.scope, _capped(request.receive, most_bytes))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise HTTPException(400, "a form is expected")
    try:
        async with asyncio.timeout(within_s), capped.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=most_bytes) as sent:
            return Form({name: value for name, value in sent.multi_items() if isinstance(value, str)}, await _file(sent))
    except TimeoutError:
        raise HTTPException(408, "the form came too slowly", headers={"connection": "close"}) from None


def check_csrf(form: Form, session: Session) -> None:
    """Refuses a form that no page of this session holds.

    Raises:
        HTTPException: 403.
    """
    if not is_same(form.text(CSRF_FIELD), session.csrf):
        raise HTTPException(403, "this form is not of your session; open the page again")


def local_path(text: str, otherwise: str) -> str:
    """A path of this desk to go back to; never another site's."""
    is_local = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    return text if is_local and text.isascii() else otherwise


async def _file(sent: FormData) -> bytes | None:
    for _, value in sent.multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            return content or None
    return None


def _capped(receive: Receive, most_bytes: int) -> Receive:
    read = 0

    async def receive_some() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most_bytes:
            raise HTTPException(413, f"more than {most_bytes:,} bytes")
        return message

    return receive_some
