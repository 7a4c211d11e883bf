"""One message before the gate: its row, what is known about it, and its bytes as a receiver reads them."""

import email
import email.policy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from functools import cached_property

from inscriptis import get_text
from inscriptis.model.config import ParserConfig

from liendea_assets.outreach.gate.facts import Facts, Row
from liendea_assets.outreach.settings import GateSettings, MailboxSettings, OutreachSettings

_TOKEN = re.compile(r"\{\{\s*(\w+)\s*\}\}|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_PLAIN, _WITH_LINKS = ParserConfig(), ParserConfig(display_links=True, display_anchors=True)
# What a variable of a notice or a footer may stand for, in characters.
LONGEST_VALUE = 300


class CannotDecide(Exception):
    """A rule lacks what it needs; the text says what, and holds nothing personal."""


@dataclass(frozen=True)
class Case:
    """What a rule is asked about."""

    row: Row
    facts: Facts
    settings: OutreachSettings
    smtp_hosts: Mapping[str, str]
    now: datetime

    @property
    def gate(self) -> GateSettings:
        """The gate's own settings."""
        return self.settings.gate

    @cached_property
    def mailbox(self) -> MailboxSettings:
        """The mailbox that the message goes out by."""
        name = self.row["mailbox"]
        found = next((mailbox for mailbox in self.settings.all_mailboxes if mailbox.name == name), None)
        if found is None:
            raise CannotDecide("the message's mailbox is not one of outreach.yaml")
        return found

    @cached_property
    def opt_out_page(self) -> str | None:
        """The message's own public page, where there are public pages."""
        return self.settings.public.link(f"u/{self.row['token']}") if self.row["token"] else None

    @cached_property
    def raw(self) -> bytes:
        """The bytes that would go over the wire."""
        return str(self.row["message"]).encode()

    @cached_property
    def message(self) -> Message:
        """The message in its parts. Of the library's ways to read headers the old one, which takes a tenth of the time."""
        if self.row["outreach_type"] != "email":
            raise CannotDecide("the message is no e-mail")
        return email.message_from_string(str(self.row["message"]), policy=email.policy.compat32)

    def headers(self, name: str) -> list[str]:
        """The headers of a name, each as one line."""
        return ["".join(str(value).splitlines()).strip() for value in self.message.get_all(name, [])]

    @cached_property
    def _text_parts(self) -> tuple[tuple[str, bool], ...]:
        """Each text part, and whether it is HTML."""
        parts = [part for part in self.message.walk() if part.get_content_maintype() == "text"]
        found = tuple(
            (_text(part), part.get_content_subtype() == "html") for part in parts if part.get_content_disposition() != "attachment"
        )
        if not found:
            raise CannotDecide("the message has no text")
        return found

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What a person sees of each text part, blanks and line ends as one blank. At least one."""
        # comments, styles and what is not displayed are no text; inscriptis leaves them out
        return tuple(squeeze(get_text(text, _PLAIN) if is_html else text) for text, is_html in self._text_parts)

    @cached_property
    def linked_texts(self) -> tuple[str, ...]:
        """The same, with the address behind each link that a person sees."""
        return tuple(squeeze(get_text(text, _WITH_LINKS) if is_html else text) for text, is_html in self._text_parts)

    def holds(self, wanted: str) -> bool:
        """Whether every text part shows a text."""
        needle = squeeze(wanted)
        return bool(needle) and all(needle in text for text in self.texts)

    def holds_template(self, *templates: str) -> bool:
        """Whether every text part shows one of some templates: their words as they stand, the sender's values in their places."""
        patterns = [self._pattern(template) for template in templates]
        return all(any(pattern.search(text) for pattern in patterns) for text in self.texts)

    def _pattern(self, template: str) -> re.Pattern[str]:
        sender = self.settings.sender
        known = {
            "sender_name": self.mailbox.from_name or sender.name,
            "sender_title": sender.title,
            "sender_company": sender.company,
            "sender_email": self.mailbox.email,
            "sender_address": sender.postal_address,
            "unsubscribe": self.settings.unsubscribe_mailbox,
            **({"unsubscribe_url": self.opt_out_page} if self.opt_out_page else {}),
        }
        pieces, end, text = [], 0, squeeze(template)
        for match in _TOKEN.finditer(text):
            pieces.append(re.escape(text[end : match.start()]))
            end = match.end()
            if match.group(1) in known:
                pieces.append(re.escape(squeeze(known[match.group(1)])))
            elif match.group().startswith("{{"):
                pieces.append(f".{{1,{LONGEST_VALUE}}}?")
        pieces.append(re.escape(text[end:]))
        return re.compile("".join(pieces))


def squeeze(text: str) -> str:
    """One blank for every run of blanks and line ends."""
    return " ".join(text.split())


def _text(part: Message) -> str:
    encoding = str(part.get("Content-Transfer-Encoding", "7bit")).strip().lower()
    if encoding not in ("quoted-printable", "base64"):
        return str(part.get_payload())
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode(part.get_content_charset("ascii"))
