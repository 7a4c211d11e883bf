"""From a contact and a campaign's step to a message: its variables, its text and HTML, and for e-mail what the law wants in it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from liendea_assets.core.errors import SettingsError, TemplateProblem
from liendea_assets.core.keyed_hash import keyed_hash
from liendea_assets.outreach.campaigns import Campaign, Wording
from liendea_assets.outreach.html_parts import add_foot, as_paragraphs, rewrite_addresses, rewrite_links, text_of
from liendea_assets.outreach.mime import Letter, to_mime
from liendea_assets.outreach.settings import MailboxSettings, OutreachSettings
from liendea_assets.outreach.templates import HtmlTemplate, MessageTemplate
from liendea_assets.outreach.wordings import choose_wording

# columns of a candidate that a template may use under their own name
CONTACT_VARIABLES = ("first_name", "last_name", "full_name", "title", "company", "industry", "mutual_connection")

# what templates may use, each with an example
VARIABLES = {
    "first_name": "Robin",
    "last_name": "Weaver",
    "full_name": "Robin Weaver",
    "title": "VP Sales",
    "company": "Acme Labs Inc.",
    "industry": "Software",
    "mutual_connection": "Alex Morgan",
    "reason": "Title VP Sales: a decision maker (+25)",
    "sender_name": "Sam Rivera",
    "sender_title": "Account Executive",
    "sender_company": "Northwind Analytics",
    "sender_email": "sam.rivera@northwind.example",
    "sender_address": "Northwind Analytics, 1 Sample Street, Springfield, IL 62701, USA",
    "unsubscribe": "stop@northwind.example",
    "unsubscribe_url": "https://mail.northwind.example/u/m1…",
}

# kinds of tokens: of a message (opt-out, pixel), and of a link in one
_OF_MESSAGE, _OF_LINK = "m1", "k1"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Thread:
    """What was sent to the person before, in this campaign: Message-IDs, the oldest first, and the subject of the first."""

    message_ids: tuple[str, ...]
    subject: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a person reads.

    Attributes:
        subject: empty where there is none. html: None where there is no HTML part.
        links: token and address of each counted link.
    """

    subject: str
    text: str
    html: str | None
    variant: str | None
    language: str
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is queued.

    Attributes:
        message_id: of an e-mail; None otherwise.
        text: the whole e-mail as it would go over the wire, or the text to paste into LinkedIn.
        token: 34 characters that stand for this message; the same whenever it is made anew.
        recipient: the address of an e-mail; None otherwise.
        variant: None where there was no choice.
        links: token and address of each counted link.
    """

    message_id: str | None
    text: str
    token: str
    recipient: str | None
    variant: str | None
    language: str
    links: tuple[tuple[str, str], ...] = ()

    @property
    def sha256(self) -> str:
        """Hash of the bytes that were approved and will be sent."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Templates:
    """A wording, compiled."""

    subject: MessageTemplate
    body: MessageTemplate | None
    html: HtmlTemplate | None


class Composer:
    """Makes one campaign's messages.

    Raises:
        TemplateProblem: a template of the campaign or of outreach.yaml is not valid.
    """

    def __init__(self, campaign: Campaign, settings: OutreachSettings, key: bytes) -> None:
        self._campaign = campaign
        self._settings = settings
        self._key = key
        self._steps = {step.name: step for step in campaign.steps}
        self._templates = {
            (step.name, wording.variant, wording.language): _compile(wording) for step in campaign.steps for wording in step.wordings
        }
        self._footers = _compile_foot(settings.footer, settings.languages.footers)
        self._notices = _compile_foot(settings.gate.notice_text, settings.languages.notices)

    def compose(
        self,
        row: Mapping[str, object],
        step_name: str,
        now: datetime,
        variant: str | None = None,
        language: str | None = None,
        thread: Thread | None = None,
    ) -> Message:
        """The message of a step for one candidate. The same arguments give the same bytes.

        Args:
            row: `contact_id`, `full_name`, `work_email`, `country`, `targeting_reason` and the columns of `CONTACT_VARIABLES`; `mailbox`:
                name of the one that sends, missing for the first; `has_notice`: whether the Art. 14 notice was given, missing for no.
                None, blanks and missing are not known.
            variant, language: as chosen before; None to choose.
            thread: of what was sent before.

        Raises:
            TemplateProblem: it cannot be made; the text says why. KeyError: the campaign has no such step.
        """
        rendered = self.render(row, step_name, variant, language, thread)
        token = self._token(row, step_name)
        if self._campaign.settings.type != "email":
            text = f"{rendered.subject}\n\n{rendered.text}" if rendered.subject else rendered.text
            return Message(None, text, token, None, rendered.variant, rendered.language, rendered.links)
        sender, mailbox = self._settings.sender, self._mailbox(row)
        # of the sender's own domain, so that it stays when another mailbox takes over
        message_id = f"<{token}@{sender.email.rpartition('@')[2]}>"
        recipient = str(row["work_email"])
        letter = Letter(
            sender=(mailbox.from_name or sender.name, mailbox.email),
            to=(_one_line(row["full_name"]), recipient),
            subject=rendered.subject,
            date=now,
            message_id=message_id,
            thread=thread.message_ids if thread else (),
            opt_out_mailto=(self._settings.unsubscribe_mailbox, f"unsubscribe-{token}"),
            opt_out_url=self._settings.public.link(f"u/{token}") if self._settings.public.is_https else None,
            text=f"{rendered.text}\n",
            html=rendered.html,
            boundary=f"=_{keyed_hash(self._key, 'boundary', self._identity(row, step_name))}",
        )
        return Message(message_id, to_mime(letter), token, recipient, rendered.variant, rendered.language, rendered.links)

    def render(
        self,
        row: Mapping[str, object],
        step_name: str,
        variant: str | None = None,
        language: str | None = None,
        thread: Thread | None = None,
    ) -> Rendered:
        """What the person would read, footer included. Arguments and errors as of `compose`."""
        wording = self._choose(row, step_name, variant, language)
        spoken = wording.language or self._settings.languages.default
        templates = self._templates[step_name, wording.variant, wording.language]
        variables = self._variables(row, step_name)
        links: dict[str, str] = {}

        def count(url: str) -> str:
            token = f"{_OF_LINK}{keyed_hash(self._key, 'link', f'{self._identity(row, step_name)}/{url}')}"
            links[token] = url
            return self._settings.public.link(f"c/{token}") or url

        is_email = self._campaign.settings.type == "email"
        is_counted = is_email and self._settings.public.click_tracking
        html = templates.html.render(variables) if templates.html else None
        if html is not None and is_counted:
            html = rewrite_links(html, count)
        if templates.body is not None:
            text = templates.body.render(variables)
            text = rewrite_addresses(text, count) if is_counted else text
        else:
            text = text_of(html or "")
        has_subject = self._campaign.settings.type != "linkedin_message"
        subject = _subject(templates.subject.render(variables), thread, must_be=is_email) if has_subject else ""
        if is_email:
            text, html = self._with_foot(text, html, variables, row, step_name, spoken)
        if _CONTROL.search(_one_line(row["full_name"]) + subject + text + (html or "")):
            raise TemplateProblem("the text holds a NUL character, or another one that is no text")
        return Rendered(subject, text, html, wording.variant, spoken, tuple((token, url) for token, url in links.items()))

    def _choose(self, row: Mapping[str, object], step_name: str, variant: str | None, language: str | None) -> Wording:
        country = row.get("country")
        known = country if isinstance(country, str) else None
        step, languages = self._steps[step_name], self._settings.languages
        return choose_wording(self._campaign.name, step, row["contact_id"], known, languages, self._key, variant, language)

    def _variables(self, row: Mapping[str, object], step_name: str) -> dict[str, object]:
        """What templates may use. A value is one line, so that it stays in its place; one without words is not known."""
        sender, mailbox = self._settings.sender, self._mailbox(row)
        known = {name: row.get(name) for name in CONTACT_VARIABLES} | {"reason": row.get("targeting_reason")}
        found: dict[str, object] = {name: _one_line(value) for name, value in known.items() if isinstance(value, str) and value.strip()}
        found |= {
            "sender_name": mailbox.from_name or sender.name,
            "sender_title": sender.title,
            "sender_company": sender.company,
            "sender_email": mailbox.email,
            "sender_address": " ".join(sender.postal_address.split()),
            "unsubscribe": self._settings.unsubscribe_mailbox,
        }
        page = self._settings.public.link(f"u/{self._token(row, step_name)}")
        return {**found, "unsubscribe_url": page} if page else found

    def _with_foot(
        self, text: str, html: str | None, variables: Mapping[str, object], row: Mapping[str, object], step_name: str, language: str
    ) -> tuple[str, str | None]:
        """Both parts with the notice where it is due, the footer, and the postal address."""
        footer = self._footers.get(language, self._footers[None])
        country = row.get("country")
        policy = self._settings.gate.policy(country if isinstance(country, str) else None)
        # where there is none at all, the gate holds the message back
        notice = self._notices.get(language, self._notices.get(None)) if policy == "notice" and not row.get("has_notice") else None
        shown = [*([notice] if notice else []), footer]
        address = self._settings.sender.postal_address.strip()
        foot = "\n\n".join([*(template.render(variables) for template, _ in shown), address])
        if html is not None:
            linked = {**variables, **_as_links(variables)}
            parts = [as_paragraphs(template.render(linked)) for _, template in shown]
            parts.append(as_paragraphs(str(escape(address))))
            if self._settings.public.open_pixel:
                pixel = self._settings.public.link(f"o/{self._token(row, step_name)}")
                parts.append(f'<img src="{escape(pixel)}" width="1" height="1" alt="">')
            html = add_foot(html, "<hr>\n" + "\n".join(parts), language)
        return f"{text}\n\n-- \n{foot}", html

    def _mailbox(self, row: Mapping[str, object]) -> MailboxSettings:
        name = row.get("mailbox")
        if not isinstance(name, str):
            return self._settings.mailboxes_of(self._campaign.settings)[0]
        try:
            return self._settings.mailbox(name)
        except KeyError:
            raise SettingsError(f"outreach.yaml has no mailbox {name!r} any more, and queued messages are to be sent by it") from None

    def _identity(self, row: Mapping[str, object], step_name: str) -> str:
        return f"{self._campaign.name}/{row['contact_id']}/{step_name}"

    def _token(self, row: Mapping[str, object], step_name: str) -> str:
        return f"{_OF_MESSAGE}{keyed_hash(self._key, 'message', self._identity(row, step_name))}"


def _compile(wording: Wording) -> _Templates:
    body = None if wording.body is None else MessageTemplate(wording.body)
    return _Templates(MessageTemplate(wording.subject), body, None if wording.html is None else HtmlTemplate(wording.html))


def _compile_foot(default: str | None, languages: Mapping[str, str]) -> dict[str | None, tuple[MessageTemplate, HtmlTemplate]]:
    """By language, None for what everybody gets who has no other; for the text and for the HTML part."""
    texts: dict[str | None, str] = {**languages} | ({} if default is None else {None: default})
    return {language: (MessageTemplate(text), HtmlTemplate(text)) for language, text in texts.items()}


def _subject(own: str, thread: Thread | None, *, must_be: bool) -> str:
    """A follow-up without a subject of its own answers to the first message, as mail programs show it."""
    line = _one_line(own)
    if line or not must_be:
        return line
    if thread is None or not thread.subject:
        raise TemplateProblem("the step has no subject, and there is no message before it whose thread it could go into")
    first = _one_line(thread.subject)
    return first if first.lower().startswith("re:") else f"Re: {first}"


def _as_links(variables: Mapping[str, object]) -> dict[str, object]:
    """The opt-out of an HTML foot can be clicked."""
    mailbox = variables["unsubscribe"]
    found: dict[str, object] = {"unsubscribe": Markup('<a href="mailto:{0}?subject=unsubscribe">{0}</a>').format(mailbox)}
    if "unsubscribe_url" in variables:
        found["unsubscribe_url"] = Markup('<a href="{0}">{0}</a>').format(variables["unsubscribe_url"])
    return found


def _one_line(value: object) -> str:
    return " ".join(str(value).split())
