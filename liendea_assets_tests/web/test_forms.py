import asyncio

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from liendea_assets.web.forms import Form, local_path, read_form

FORM = [(b"content-type", b"application/x-www-form-urlencoded")]


def sent(*pieces: bytes, headers: list[tuple[bytes, bytes]] | None = None, ends: bool = True) -> Request:
    """A request whose body comes in pieces; one that does not end leaves whoever reads it waiting."""
    rest = list(pieces)

    async def receive() -> Message:
        if rest:
            return {"type": "http.request", "body": rest.pop(0), "more_body": bool(rest) or not ends}
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    # within an application Starlette tells what cannot be read by a status
    return Request({"type": "http", "method": "POST", "headers": FORM if headers is None else headers, "app": None}, receive)


def read(request: Request, most_bytes: int = 1_000) -> Form:
    return asyncio.run(read_form(request, most_bytes, within_s=0.05))


def refused(request: Request) -> int:
    with pytest.raises(HTTPException) as problem:
        read(request)
    return problem.value.status_code


def test_form_is_read_whatever_pieces_it_comes_in() -> None:
    form = read(sent(b"List-Unsub", b"scribe=One", b"-Click&a=+b+"))
    assert (form.text("List-Unsubscribe"), form.text("a"), form.file) == ("One-Click", "b", None)


def test_body_that_never_ends_is_given_up() -> None:
    assert refused(sent(b"List-Unsubscribe=One-", ends=False)) == 408


def test_body_is_read_no_further_than_it_may_be() -> None:
    """Also where it never ends."""
    assert refused(sent(*[b"a" * 100] * 11, ends=False)) == 413


@pytest.mark.parametrize("kind", [b"", b"text/plain", b"application/json", b"application/x-www-form-urlencodedx"])
def test_what_is_no_form_is_refused_unread(kind: bytes) -> None:
    """A page of another site can send these without being asked; and mail gateways send what they like."""
    assert refused(sent(b"List-Unsubscribe=One-Click", headers=[(b"content-type", kind)] if kind else [])) == 400


def test_multipart_without_a_boundary_is_refused() -> None:
    assert refused(sent(b"x", headers=[(b"content-type", b"multipart/form-data")])) == 400


@pytest.mark.parametrize("fields", [201, 5_000])
def test_more_fields_than_any_page_has_are_refused(fields: int) -> None:
    with pytest.raises(HTTPException) as problem:
        read(sent(b"&".join([b"a=1"] * fields)), 100_000)
    assert problem.value.status_code == 400


@pytest.mark.parametrize("to", ["//a", "/\\a", "https:/a", "/a\r\nset-cookie: x=1", "/a\x00", "/ä", "", "a", "\t//a", "/\t/a"])
def test_back_is_a_path_of_ours_alone(to: str) -> None:
    assert local_path(to, "/otherwise") == "/otherwise"
    assert local_path("/people/1?q=%C3%A4&a=b", "/otherwise") == "/people/1?q=%C3%A4&a=b"
