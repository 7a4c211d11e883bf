"""What is wrong with a message, or would be taken amiss: by the law, by spam filters, by whoever reads it. Pure.

None of it replaces a filter's own judgement; SpamAssassin scores the shipped campaign in the tests.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from liendea_assets.outreach.html_parts import text_of
from liendea_assets.outreach.messages import Message, Rendered
from liendea_assets.outreach.settings import OutreachSettings

LONGEST_SUBJECT = 60
FEWEST_WORDS, MOST_WORDS = 15, 200
MOST_LINKS = 2
# LinkedIn cuts off notes to invitations at 300 characters; of messages by InMail, subject and text.
LONGEST_INMAIL_SUBJECT, LONGEST_INMAIL = 200, 1900

# English and German, as regular expressions
_WORDS = (
    "100 ?% free", "act now", "as seen on", "buy now", "cash bonus", "click (?:here|below)", "congratulations", "dear friend",
    "double your", "earn money", "exclusive deal", "free (?:gift|money|trial)", "guaranteed?", "increase sales", "limited time",
    "lowest price", "make money", "money back", "no (?:cost|obligation)", "once in a lifetime", "order now", "risk[- ]free",
    "special promotion", "this is not spam", "urgent", "winner", "you have been selected",
    "garantiert", "gratis", "jetzt (?:kaufen|zugreifen)", "kostenlos", "nur heute", "risikofrei", "sie haben gewonnen",
)  # fmt: skip
_SPAM_WORDS = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_SHORTENERS = frozenset({
    "bit.ly", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc",
    "tinyurl.com",
})  # fmt: skip
_LINK = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]*)["']?[^>]*>(.*?)</a\s*>""", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"""https?://[^\s<>"'\]]*[^\s<>"'.,;:!?)\]]""")
_TAG = re.compile(r"<[^>]*>")
_SHOWN_HOST = re.compile(r"^(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?:[/?#]|$)", re.IGNORECASE)
_CAPITALS = re.compile(r"\b[A-ZÄÖÜ]{4,}\b")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """An error keeps a campaign from being approved; a warning is for a human to judge.

    Attributes:
        rule: variables, spam, length, links or law.
    """

    level: Literal["error", "warning"]
    rule: Literal["variables", "spam", "length", "links", "law"]
    text: str


def lint_email(rendered: Rendered, message: Message, settings: OutreachSettings, *, is_first: bool) -> Iterator[Finding]:
    """Findings about one e-mail.

    Args:
        is_first: whether nothing was sent before it.
    """
    own = rendered.text.partition("\n\n-- \n")[0]
    yield from _law(rendered, message, settings)
    yield from _subject(rendered.subject, is_first=is_first)
    words = len(own.split())
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        yield Finding("warning", "length", f"{words} words; {FEWEST_WORDS} to {MOST_WORDS} are read and answered best")
    yield from _spam_words(own)
    yield from _links(rendered, settings)


def lint_note(rendered: Rendered, kind: str, note_characters: int) -> Iterator[Finding]:
    """Findings about a message that somebody pastes into LinkedIn.

    Args:
        note_characters: what the note to an invitation may hold.
    """
    if kind == "inmail":
        if not rendered.subject:
            yield Finding("warning", "length", "an InMail without a subject")
        if len(rendered.subject) > LONGEST_INMAIL_SUBJECT or len(rendered.text) > LONGEST_INMAIL:
            allowed = f"{LONGEST_INMAIL_SUBJECT} characters of subject and {LONGEST_INMAIL} of text"
            yield Finding("error", "length", f"longer than LinkedIn takes as an InMail ({allowed})")
    elif len(rendered.text) > note_characters:
        told = f"{len(rendered.text)} characters; the note to an invitation holds {note_characters} (linkedin.note_characters)"
        yield Finding("warning", "length", told)
    yield from _spam_words(rendered.text)


def _law(rendered: Rendered, message: Message, settings: OutreachSettings) -> Iterator[Finding]:
    """CAN-SPAM: who writes and that it is advertising, where they can be found, how to end it; in whatever part somebody reads."""
    shown = {"text": _flat(rendered.text)} | ({"HTML": _flat(text_of(rendered.html))} if rendered.html is not None else {})
    ways = (settings.unsubscribe_mailbox, settings.public.link("u/") or settings.unsubscribe_mailbox)
    for part, text in shown.items():
        if _flat(settings.sender.postal_address) not in text:
            yield Finding("error", "law", f"the postal address is not to be seen in the {part} part")
        if settings.sender.company not in text:
            yield Finding("error", "law", f"the {part} part does not say which company writes")
        if not any(way in text for way in ways):
            yield Finding("error", "law", f"the {part} part does not say how to end it")
    if "\r\nList-Unsubscribe: <" not in message.text.partition("\r\n\r\n")[0]:
        yield Finding("error", "law", "the header List-Unsubscribe is missing")


def _subject(subject: str, *, is_first: bool) -> Iterator[Finding]:
    if is_first and re.match(r"(?i)\s*(re|aw|fwd?|wg)\s*:", subject):
        yield Finding("error", "law", "the first subject looks like an answer, which deceives whoever reads it")
    if len(subject) > LONGEST_SUBJECT:
        yield Finding("warning", "length", f"a subject of {len(subject)} characters; telephones show about {LONGEST_SUBJECT}")
    if "!" in subject or "$" in subject or "€" in subject:
        yield Finding("warning", "spam", "exclamation marks or money in the subject")
    letters = [char for char in subject if char.isalpha()]
    if len(letters) > 8 and sum(char.isupper() for char in letters) > len(letters) / 2:
        yield Finding("warning", "spam", "a subject in capitals")
    yield from _spam_words(subject)


def _spam_words(text: str) -> Iterator[Finding]:
    for found in sorted({match[0].lower() for match in _SPAM_WORDS.finditer(text)}):
        yield Finding("warning", "spam", f"filters know the words {found!r}")
    if text.count("!") > 2:
        yield Finding("warning", "spam", f"{text.count('!')} exclamation marks")
    if len(_CAPITALS.findall(text)) > 4:
        yield Finding("warning", "spam", "many words in capitals")


def _links(rendered: Rendered, settings: OutreachSettings) -> Iterator[Finding]:
    own = rendered.text.partition("\n\n-- \n")[0]
    counted = dict(rendered.links)
    tracked = settings.public.link("c/") or "-"
    linked = [(html.unescape(address), _flat(html.unescape(_TAG.sub("", label)))) for address, label in _LINK.findall(rendered.html or "")]
    addresses = {address for address, _ in linked if not address.startswith("mailto:")} | set(_ADDRESS.findall(own))
    real = {counted.get(address.removeprefix(tracked), address) for address in addresses}
    opt_out = settings.public.link("u/")
    real = {address for address in real if not (opt_out and address.startswith(opt_out))}
    if len(real) > MOST_LINKS:
        yield Finding("warning", "links", f"{len(real)} links; filters and people trust messages with few of them")
    for address in sorted(real):
        yield from _link(address)
    for address, label in linked:
        yield from _label(counted.get(address.removeprefix(tracked), address), label)


def _link(address: str) -> Iterator[Finding]:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        parts, host = None, ""
    if parts is None or parts.scheme not in ("http", "https") or not host:
        yield Finding("error", "links", "a link that leads nowhere: it needs https:// and a host")
        return
    if parts.scheme == "http":
        yield Finding("warning", "links", f"a link to {host} without https")
    if host in _SHORTENERS:
        yield Finding("warning", "links", f"a link by {host}, which hides where it leads; filters block those")
    if re.fullmatch(r"[\d.]+|\[?[0-9a-f:]+\]?", host):
        yield Finding("warning", "links", "a link to a number instead of a name")


def _label(address: str, label: str) -> Iterator[Finding]:
    shown = _SHOWN_HOST.match(label)
    if shown is None or address.startswith("mailto:"):
        return
    host = (urlsplit(address).hostname or "").lower().removeprefix("www.")
    if shown[1].lower().removeprefix("www.") != host:
        yield Finding("error", "links", f"a link that shows {shown[1].lower()} leads to {host or 'nowhere'}")


def merged(findings: Iterable[tuple[str, Finding]]) -> list[tuple[Finding, tuple[str, ...]]]:
    """Each finding once, with the steps that have it; errors first."""
    places: dict[Finding, dict[str, None]] = {}
    for step, finding in findings:
        places.setdefault(finding, {})[step] = None
    return [(finding, tuple(places[finding])) for finding in sorted(places)]


def _flat(text: str) -> str:
    return " ".join(text.split())
