"""A message's MIME form: headers that nothing gets out of, and one or two parts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from urllib.parse import quote

from liendea_assets.core.errors import TemplateProblem

# Lines of headers as short as RFC 5322 recommends are the editor's business; a folded List-Unsubscribe breaks DKIM on some relays.
_UNFOLDED = {is_utf8: SMTP.clone(max_line_length=998, utf8=is_utf8) for is_utf8 in (False, True)}


class _Policy(EmailPolicy):
    """Headers in one line each, and bodies in lines of 76, as quoted-printable wants them."""

    def fold(self, name: str, value: str) -> str:
        """As text."""
        return str(_UNFOLDED[self.utf8].fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """As bytes."""
        return _UNFOLDED[self.utf8].fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n", max_line_length=76)
# of RFC 6532, for an address with letters beyond ASCII, which a server takes that offers SMTPUTF8
_BEYOND_ASCII = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)+")
_UTF8_POLICY = _POLICY.clone(utf8=True)


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
    message = EmailMessage(policy=_POLICY if address.isascii() else _UTF8_POLICY)
    message["From"] = Address(letter.sender[0], addr_spec=letter.sender[1])
    message["To"] = _recipient(name, address)
    message["Subject"] = letter.subject
    message["Date"] = letter.date
    message["Message-ID"] = letter.message_id
    if letter.thread:
        message["In-Reply-To"] = letter.thread[-1]
        message["References"] = " ".join(letter.thread)
    mailto = f"<mailto:{quote(letter.opt_out_mailto[0], safe='@+')}?subject={quote(letter.opt_out_mailto[1])}>"
    if letter.opt_out_url:
        message["List-Unsubscribe"] = f"<{letter.opt_out_url}>, {mailto}"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    else:
        message["List-Unsubscribe"] = mailto
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
        message.set_boundary(letter.boundary)
    return message.as_bytes().decode()


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
