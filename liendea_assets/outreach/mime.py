"""A message's MIME form: headers that nothing gets out of, and one or two parts."""

import re
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from liendea_assets.core.errors import TemplateProblem

# Lines of headers as short as RFC 5322 recommends are the editor's business; a folded List-Unsubscribe breaks DKIM on some relays.
_POLICY = SMTP.clone(max_line_length=998)
# with headers of RFC 6532, for an address with letters beyond ASCII, which a server takes that offers SMTPUTF8
_UTF8_POLICY = _POLICY.clone(utf8=True)
_BEYOND_ASCII = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)+")


@dataclass(frozen=True, slots=True)
class Letter:
    """What an e-mail says, apart from how it is encoded.

    Attributes:
        sender, to: name and address.
        thread: Message-IDs of the messages before it, the oldest first.
        opt_out_mailto: mailbox and subject. opt_out_url: of one click (RFC 8058); None without public pages over HTTPS.
        boundary: between the parts; nobody who fills in a value can know it.
    """

    sender: tuple[str, str]
    to: tuple[str, str]
    subject: str
    date: datetime
    message_id: str
    thread: Sequence[str]
    opt_out_mailto: tuple[str, str]
    opt_out_url: str | None
    text: str
    html: str | None
    boundary: str


def to_mime(letter: Letter) -> str:
    """The whole e-mail as it goes over the wire: ASCII, but for an address that is not, whose headers are UTF-8.

    Raises:
        TemplateProblem: the recipient is none that mail servers accept, or a header would not be read as it is meant.
    """
    name, address = letter.to
    if "=?" in name + letter.subject:
        # decoded, such a word in a name can hold a comma and a second recipient
        raise TemplateProblem("the name or the subject holds an encoded word (=?…?=)")
    is_utf8 = not address.isascii()
    mailto = f"<mailto:{quote(letter.opt_out_mailto[0], safe='@+')}?subject={quote(letter.opt_out_mailto[1])}>"
    # what people filled in goes by Python's own rules of headers; the rest is ASCII of ours
    head = [
        _sender(*letter.sender, is_utf8=is_utf8),
        _header("To", _recipient(name, address), is_utf8=is_utf8),
        _header("Subject", letter.subject, is_utf8=is_utf8),
        f"Date: {format_datetime(letter.date)}\r\n",
        f"Message-ID: {letter.message_id}\r\n",
    ]
    if letter.thread:
        head += [f"In-Reply-To: {letter.thread[-1]}\r\n", _header("References", " ".join(letter.thread), is_utf8=is_utf8)]
    if letter.opt_out_url:
        head += [f"List-Unsubscribe: <{letter.opt_out_url}>, {mailto}\r\n", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"]
    else:
        head.append(f"List-Unsubscribe: {mailto}\r\n")
    head.append("MIME-Version: 1.0\r\n")
    text = _part(letter.text, "plain")
    if letter.html is None:
        return "".join([*head, text])
    line = f"--{letter.boundary}"
    head.append(f'Content-Type: multipart/alternative; boundary="{letter.boundary}"\r\n\r\n')
    return "".join([*head, f"{line}\r\n{text}\r\n{line}\r\n{_part(letter.html, 'html')}\r\n{line}--\r\n"])


def _part(text: str, subtype: str) -> str:
    lines = "\r\n".join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    encoded = b2a_qp(lines.encode(), istext=True).decode("ascii")
    kind = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return kind + encoded + ("" if encoded.endswith("\r\n") else "\r\n")


def _header(name: str, value: Address | str, *, is_utf8: bool) -> str:
    if len(f"{value} ".splitlines()) > 1:
        raise TemplateProblem(f"the header {name} would be more than one line")
    policy = _UTF8_POLICY if is_utf8 else _POLICY
    # an EmailMessage would parse and fold each header several times, and take eight times as long
    return str(policy.header_factory(name, str(value)).fold(policy=policy))


@lru_cache
def _sender(name: str, address: str, *, is_utf8: bool) -> str:
    return _header("From", Address(name, addr_spec=address), is_utf8=is_utf8)


def _recipient(name: str, address: str) -> Address:
    """An address of its own, so that text with a comma in it can never become a second recipient."""
    recipient: Address | None = None
    try:
        if address.isascii():
            recipient = Address(name, addr_spec=address)
        else:
            # Python's parser of addresses knows no letters beyond ASCII
            recipient = Address(name, *address.split("@")) if _BEYOND_ASCII.fullmatch(address) else None
    except (MessageError, ValueError, IndexError):
        pass
    # whoever is asked about in the suppressions must be who is written to: no other spelling of the mailbox
    if recipient is None or recipient.addr_spec != address or not recipient.domain:
        raise TemplateProblem("the address is not one that mail servers accept")
    return recipient
