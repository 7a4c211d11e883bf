"""From a contact and a campaign to a message: its variables, its text, and for e-mail its MIME form with what the law wants in it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from liendea_assets.core.errors import TemplateProblem
from liendea_assets.core.keyed_hash import keyed_hash
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.outreach.templates import MessageTemplate

# columns of a candidate that a template may use under their own name
_CONTACT_VARIABLES = ("first_name", "last_name", "full_name", "title", "company", "industry", "mutual_connection")

# Lines as short as RFC 5322 recommends are the editor's business; a folded List-Unsubscribe breaks DKIM on some relays.
_POLICY = SMTP.clone(max_line_length=998)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is queued.

    Attributes:
        message_id: of an e-mail; None otherwise.
        text: the whole e-mail as it would go over the wire, or the text to paste into LinkedIn.
    """

    message_id: str | None
    text: str

    @property
    def sha256(self) -> str:
        """Hash of the bytes that were approved and will be sent."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Composer:
    """Makes one campaign's messages.

    Raises:
        TemplateProblem: a template of the campaign or the footer is not valid.
    """

    def __init__(self, campaign: Campaign, settings: OutreachSettings, key: bytes) -> None:
        self._campaign = campaign
        self._settings = settings
        self._key = key
        wording = campaign.steps[0].wordings[0]
        self._subject = MessageTemplate(wording.subject)
        self._body = MessageTemplate(wording.body or "")
        self._footer = MessageTemplate(settings.footer)

    def compose(self, contact: Mapping[str, object], now: datetime) -> Message:
        """The message for one candidate (a row of `store.read_candidates`; None and missing are not known).

        Raises:
            TemplateProblem: it cannot be made; the text says why.
        """
        variables = self._variables(contact)
        body = self._body.render(variables)
        if self._campaign.settings.type != "email":
            return Message(None, body)
        return self._email(contact, self._subject.render(variables), body, self._footer.render(variables), now)

    def _variables(self, contact: Mapping[str, object]) -> dict[str, object]:
        sender = self._settings.sender
        known = {name: contact.get(name) for name in _CONTACT_VARIABLES}
        return {
            **{name: value for name, value in known.items() if isinstance(value, str) and value},
            "reason": contact["targeting_reason"],
            "sender_name": sender.name,
            "sender_title": sender.title,
            "sender_company": sender.company,
            "sender_email": sender.email,
            "unsubscribe": self._settings.unsubscribe_mailbox,
        }

    def _email(self, contact: Mapping[str, object], subject: str, body: str, footer: str, now: datetime) -> Message:
        sender = self._settings.sender
        name, address = " ".join(str(contact["full_name"]).split()), str(contact["work_email"])
        if not address.isascii():
            raise TemplateProblem("the address has letters that not every mail server accepts (SMTPUTF8)")
        if "\x00" in name + subject + body:
            raise TemplateProblem("the text holds a NUL character")
        if "=?" in name + subject:
            # decoded, such a word in a name can hold a comma and a second recipient
            raise TemplateProblem("the name or the subject holds an encoded word (=?…?=)")
        identity = f"{self._campaign.name}/{contact['contact_id']}/1"
        token = keyed_hash(self._key, "message", identity)
        message = EmailMessage(policy=_POLICY)
        message["From"] = Address(sender.name, addr_spec=sender.email)
        message["To"] = _recipient(name, address)
        message["Subject"] = " ".join(subject.split())
        message["Date"] = now
        message["Message-ID"] = f"<{token}@{sender.email.rpartition('@')[2]}>"
        message["List-Unsubscribe"] = f"<mailto:{self._settings.unsubscribe_mailbox}?subject=unsubscribe-{token}>"
        message.set_content(f"{body}\n\n-- \n{footer}\n\n{sender.postal_address}\n", cte="quoted-printable")
        return Message(message["Message-ID"], message.as_bytes().decode("ascii"))


def _recipient(name: str, address: str) -> Address:
    """An address of its own, so that text with a comma in it can never become a second recipient."""
    try:
        recipient = Address(name, addr_spec=address)
    except (MessageError, ValueError, IndexError):
        recipient = None
    # whoever is asked about in the suppressions must be who is written to: no other spelling of the mailbox
    if recipient is None or recipient.addr_spec != address or not recipient.domain:
        raise TemplateProblem("the address is not one that mail servers accept")
    return recipient
