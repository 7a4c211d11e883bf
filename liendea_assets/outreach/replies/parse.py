"""Bytes to a message that can be judged. Whatever is wrong with the MIME, something comes out."""

import codecs
import email
import email.policy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from liendea_assets.outreach.replies.html_text import own_html_text
from liendea_assets.outreach.replies.ses import read_ses

# Characters of each text that are looked at; a person's answer is far shorter, and so is what a server says.
LONGEST_TEXT = 60_000
LONGEST_HEADER = 2_000
MOST_PARTS = 200
DEEPEST = 8

# What a hostile or broken part makes the standard library raise.
PARSE_ERRORS = (ValueError, TypeError, LookupError, AttributeError, AssertionError, MessageError, RecursionError)

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A message as the classifier sees it; all texts are decoded and capped.

    Attributes:
        headers: names in small letters → values in their order.
        plain: the text parts, one after the other; empty where there is none.
        own_html: the text of the HTML part without what it marks as quoted; None where there is no HTML.
        whole_html: with the quotes.
        types: content types of all parts in their order.
        delivery: blocks of a delivery report (RFC 3464), names in small letters; the first tells of the message.
        feedback: the fields of a feedback report (RFC 5965).
        notification: the fields of a read receipt (RFC 8098).
        original: headers of the message that a report holds.
        original_text: what a report holds of the message, for tokens in it.
        calendar: method and answers of an invitation, such as `reply accepted`.
        problem: what could not be read, in words that tell nothing of the content.
    """

    headers: Mapping[str, tuple[str, ...]]
    plain: str = ""
    own_html: str | None = None
    whole_html: str | None = None
    types: tuple[str, ...] = ()
    delivery: tuple[Mapping[str, str], ...] = ()
    feedback: Mapping[str, str] = field(default_factory=dict)
    notification: Mapping[str, str] = field(default_factory=dict)
    original: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    original_text: str = ""
    calendar: str = ""
    problem: str | None = None

    def header(self, name: str) -> str:
        """The first value of a header; empty where there is none."""
        return self.headers.get(name, ("",))[0]

    @property
    def subject(self) -> str:
        """On one line."""
        return " ".join(self.header("subject").split())

    @property
    def from_address(self) -> str | None:
        """Who wrote, in small letters."""
        return first_address(self.header("from")) or first_address(self.header("sender"))

    @property
    def message_id(self) -> str | None:
        """With its brackets."""
        return next(iter(message_ids(self.header("message-id"))), None)

    @property
    def sent_at(self) -> datetime | None:
        """What the Date header says, in UTC."""
        try:
            moment = parsedate_to_datetime(self.header("date"))
        except (ValueError, TypeError, OverflowError):
            return None
        try:
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    @property
    def text(self) -> str:
        """The text to read: the plain part, else that of the HTML."""
        return self.plain if self.plain.strip() or self.whole_html is None else self.whole_html


def parse_mail(content: bytes) -> ParsedMail:
    """Reads a message; never raises. What cannot be read is left out, and `problem` says so."""
    try:
        message = email.message_from_bytes(content, policy=email.policy.compat32)
        headers = _headers(message)
    except PARSE_ERRORS as error:
        return ParsedMail({}, problem=f"the message cannot be parsed ({type(error).__name__})")
    reader = _Reader()
    try:
        reader.read(message, 0)
    except PARSE_ERRORS as error:
        reader.problem = f"a part cannot be parsed ({type(error).__name__})"
    ses = read_ses("\n".join(reader.plain)) if not reader.delivery and not reader.feedback else None
    if ses is not None:
        reader.delivery, reader.feedback, reader.original = list(ses.delivery), dict(ses.feedback), dict(ses.original)
    if not headers and not reader.plain and not reader.whole_html:
        reader.problem = reader.problem or "there is neither a header nor a text"
    return ParsedMail(
        headers=headers,
        plain="\n".join(reader.plain)[:LONGEST_TEXT],
        own_html=None if not reader.own_html else "\n".join(reader.own_html)[:LONGEST_TEXT],
        whole_html=None if not reader.whole_html else "\n".join(reader.whole_html)[:LONGEST_TEXT],
        types=tuple(reader.types),
        delivery=tuple(reader.delivery),
        feedback=reader.feedback,
        notification=reader.notification,
        original=reader.original,
        original_text=reader.original_text[:LONGEST_TEXT],
        calendar=reader.calendar,
        problem=reader.problem,
    )


def first_address(text: str) -> str | None:
    """The first address of a header, in small letters."""
    for _name, address in getaddresses([text]):
        found = _ADDRESS.fullmatch(address.strip())
        if found:
            return found.group().lower()
    found = _ADDRESS.search(text)
    return found.group().lower() if found else None


def addresses_of(text: str) -> list[str]:
    """Every address of a text, in small letters, each once."""
    return list(dict.fromkeys(found.group().lower() for found in _ADDRESS.finditer(text)))


def message_ids(text: str) -> list[str]:
    """Every Message-ID of a header."""
    return _MESSAGE_ID.findall(text)


class _Reader:
    """Walks through the parts."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.own_html: list[str] = []
        self.whole_html: list[str] = []
        self.types: list[str] = []
        self.delivery: list[Mapping[str, str]] = []
        self.feedback: dict[str, str] = {}
        self.notification: dict[str, str] = {}
        self.original: dict[str, tuple[str, ...]] = {}
        self.original_text = ""
        self.calendar = ""
        self.problem: str | None = None

    def read(self, part: Message, depth: int) -> None:
        kind = part.get_content_type().lower()
        self.types.append(kind)
        if depth > DEEPEST or len(self.types) > MOST_PARTS:
            self.problem = "more parts, or deeper ones, than are read"
            return
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            self.delivery += [block for block in _blocks(part) if block]
        elif kind == "message/feedback-report":
            self.feedback = self.feedback or {name: value for block in _blocks(part) for name, value in block.items()}
        elif kind in ("message/disposition-notification", "message/global-disposition-notification"):
            self.notification = self.notification or {name: value for block in _blocks(part) for name, value in block.items()}
        elif kind in ("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            self._read_original(part)
        elif part.is_multipart():
            self._read_children(part, depth)
        elif kind == "text/calendar":
            self.calendar = self.calendar or _calendar(_text(part))
        elif kind in ("text/html", "application/xhtml+xml"):
            self._read_html(part)
        elif kind.startswith("text/") and not _is_attached(part):
            self.plain.append(_text(part))

    def _read_children(self, part: Message, depth: int) -> None:
        children = part.get_payload()
        for child in children if isinstance(children, list) else []:
            if not isinstance(child, Message):
                continue
            try:
                self.read(child, depth + 1)
            except PARSE_ERRORS as error:
                self.problem = f"a part cannot be parsed ({type(error).__name__})"

    def _read_html(self, part: Message) -> None:
        if _is_attached(part):
            return
        markup = _text(part)
        self.whole_html.append(own_html_text(markup, with_quotes=True))
        self.own_html.append(own_html_text(markup, with_quotes=False))

    def _read_original(self, part: Message) -> None:
        if self.original:
            return
        inner = part.get_payload()
        message = inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else None
        if message is None or (not message.keys() and part.get("content-transfer-encoding")):
            message = email.message_from_string(_text(part))
        self.original = _headers(message)
        self.original_text = "\n".join(_all_texts(message))


def _headers(message: Message) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in message.raw_items():
        key = str(name).lower()
        if len(found.get(key, ())) < 50:
            found[key] = (*found.get(key, ()), _decoded(value))
    return found


def _decoded(value: object) -> str:
    """A header's text; undecodable bytes become replacement characters."""
    raw = str(value)[: 4 * LONGEST_HEADER]
    if not raw.isascii():
        raw = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "=?" in raw:
        try:
            pieces = [
                piece if isinstance(piece, str) else piece.decode(_charset(charset), "replace") for piece, charset in decode_header(raw)
            ]
            raw = "".join(pieces)
        except PARSE_ERRORS:
            return raw[:LONGEST_HEADER]
    return re.sub(r"[\r\n]+[ \t]*", " ", raw)[:LONGEST_HEADER].strip()


def _charset(name: str | None) -> str:
    try:
        return codecs.lookup(name or "ascii").name
    except (LookupError, ValueError):
        return "latin-1"


def _text(part: Message) -> str:
    """The text of a leaf, whatever it claims to be encoded in."""
    try:
        content = part.get_payload(decode=True)
    except PARSE_ERRORS:
        content = None
    if not isinstance(content, bytes):
        return ""
    content = content[: 8 * LONGEST_TEXT]
    for charset in (_charset(_named_charset(part)), "utf-8", "cp1252"):
        try:
            return content.decode(charset).replace("\r\n", "\n").replace("\x00", "")
        except (ValueError, LookupError):
            continue
    return content.decode("latin-1").replace("\r\n", "\n").replace("\x00", "")


def _named_charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except PARSE_ERRORS:
        return None


def _is_attached(part: Message) -> bool:
    return str(part.get("content-disposition", "")).strip().lower().startswith("attachment")


def _blocks(part: Message) -> Iterator[dict[str, str]]:
    """Groups of fields, parted by blank lines. The standard library reads some kinds of reports as messages, others as text."""
    inner = part.get_payload()
    if isinstance(inner, list):
        text = "\n\n".join(child.as_string() for child in inner if isinstance(child, Message))
    else:
        text = _text(part) or str(inner or "")
    fields = list(_fields(text))
    if not any(fields) or not any(":" in line for line in text.splitlines()[:5]):
        # a report in base64, which no server should send and some do
        text = _text_of_base64(text) or text
        fields = list(_fields(text))
    yield from fields


def _text_of_base64(text: str) -> str:
    import base64
    import binascii

    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _fields(text: str) -> Iterator[dict[str, str]]:
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")[:LONGEST_TEXT]):
        found: dict[str, str] = {}
        for line in re.sub(r"\n[ \t]+", " ", block.strip("\n")).split("\n"):
            name, colon, value = line.partition(":")
            if colon and name.strip():
                found.setdefault(name.strip().lower(), value.strip()[:LONGEST_HEADER])
        if found:
            yield found


def _calendar(text: str) -> str:
    """`request`, or `reply` with the answer: accepted, declined, tentative."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text[:LONGEST_TEXT]).lower()
    method = re.search(r"^method:\s*(\w+)", unfolded, re.MULTILINE)
    answer = re.search(r"partstat=([\w-]+)", unfolded)
    return " ".join(found.group(1) for found in (method, answer) if found)


def _all_texts(message: Message) -> Iterator[str]:
    for number, part in enumerate(message.walk()):
        if number > MOST_PARTS:
            return
        if part.get_content_type().startswith("text/"):
            yield _text(part)[:LONGEST_TEXT]
