"""What kind of message came back, and why. The order of the rules is the order of their evidence."""

import re
from dataclasses import dataclass
from typing import Literal

from liendea_assets.outreach.replies.auto_replies import find_auto_reply
from liendea_assets.outreach.replies.bounces import find_bounce, find_complaint
from liendea_assets.outreach.replies.folding import fold, pattern
from liendea_assets.outreach.replies.optout import asks_by_machine, find_token, find_wish, subject_words
from liendea_assets.outreach.replies.own_words import own_words
from liendea_assets.outreach.replies.parse import ParsedMail, first_address, parse_mail
from liendea_assets.outreach.replies.sentiment import find_sentiment

Kind = Literal["human_reply", "auto_reply", "auto_permanent", "unsubscribe", "bounce_hard", "bounce_soft", "complaint", "other"]
Sentiment = Literal["positive", "negative"]

# A name by which mail programs and list servers mark what was sent to many.
_MANY = ("list-id", "list-post", "list-help", "feedback-id", "x-campaign", "x-campaignid", "x-mailgun-tag", "x-mc-user")
_NO_TEXT = pattern(
    r"^\s*(?:your (?:mail|e-?mail) (?:client|program|reader) (?:does not|cannot)|this (?:message|e-?mail) (?:is|requires|contains) html|html only)"
)


@dataclass(frozen=True, slots=True)
class Classified:
    """The verdict on one message.

    Attributes:
        kind: as inbox_messages has it.
        why: the rules that led there; ids of rules and codes, nothing of the content.
        confidence: 0 to 1.
        words: what the person wrote, without quotations; what a machine wrote where it was one.
        sentiment: of a human's answer.
        recipient: whom a bounce or a complaint is about, as it names them.
        status_code: of a bounce.
        is_delivered: a report that a message of ours arrived, or was read.
    """

    kind: Kind
    why: str
    confidence: float
    words: str = ""
    sentiment: Sentiment | None = None
    recipient: str | None = None
    status_code: str | None = None
    is_delivered: bool = False


def classify(content: bytes, ours: str = "", subject_of_ours: str = "") -> Classified:
    """Reads and judges a message's bytes; whatever they are, something comes out."""
    return classify_mail(parse_mail(content), content, ours, subject_of_ours)


def classify_mail(mail: ParsedMail, content: bytes, ours: str = "", subject_of_ours: str = "") -> Classified:
    """Judges a message that was parsed.

    Args:
        content: its bytes, for heuristics that read them.
        ours: the text of the message that it answers, where that is known: none of it counts as the person's words.
        subject_of_ours: a subject that the answer only repeats.
    """
    if mail.problem is not None and not mail.text.strip() and not mail.delivery and not mail.feedback and not mail.subject:
        return Classified("other", mail.problem, 1.0)
    subject = mail.subject
    is_report = bool(mail.delivery or mail.feedback or mail.notification)
    if not is_report and find_token(subject) and not re.match(r"\s*(?:undeliver|delivery|failure|returned)", subject, re.IGNORECASE):
        return Classified("unsubscribe", "the subject is the one that our opt-out address writes", 1.0, words_of(mail, ours))
    if mail.feedback and mail.feedback.get("feedback-type", "").lower() in ("opt-out", "opt-out-list", "unsubscribe"):
        named = mail.feedback.get("removal-recipient") or mail.feedback.get("original-rcpt-to") or mail.original.get("to", ("",))[0]
        return Classified("unsubscribe", "a feedback report of type opt-out", 0.97, recipient=first_address(named))
    complaint = find_complaint(mail)
    if complaint is not None:
        return Classified("complaint", complaint[0], 0.97 if mail.feedback else 0.85, recipient=complaint[1])
    if mail.feedback:
        return Classified("other", "a feedback report that is no complaint", 0.95)
    if mail.notification:
        return Classified("other", "a read receipt", 0.97, is_delivered=True)
    bounce = find_bounce(mail, content)
    if bounce is not None:
        if bounce.kind == "delivered":
            return Classified("other", bounce.why, bounce.confidence, "", None, bounce.recipient, bounce.status, is_delivered=True)
        kind: Kind = "bounce_hard" if bounce.kind == "hard" else "bounce_soft"
        return Classified(kind, bounce.why, bounce.confidence, "", None, bounce.recipient, bounce.status)
    return _classify_answer(mail, ours, subject_of_ours)


def words_of(mail: ParsedMail, ours: str = "") -> str:
    """The person's own words, from the plain text where it holds some, else from the HTML."""
    words = own_words(mail.plain, ours) if mail.plain.strip() and not _NO_TEXT.match(fold(mail.plain)) else ""
    if not words and mail.own_html is not None:
        words = own_words(mail.own_html, ours, is_html=True)
        if not words and ours and mail.whole_html:
            words = own_words("\nFrom: us\nSent: 1\nTo: 2\nSubject: 3\n" + mail.whole_html, ours, is_html=True)
    return words


def _classify_answer(mail: ParsedMail, ours: str, subject_of_ours: str) -> Classified:
    words = words_of(mail, ours)
    subject = _subject_of_theirs(mail, subject_of_ours)
    if mail.calendar:
        return _classify_calendar(mail, words, subject)
    wish = find_wish(words, subject)
    automatic = find_auto_reply(mail, words)
    if automatic is not None:
        if asks_by_machine(words):
            return Classified("unsubscribe", f"an automatic answer ({automatic.why}) that asks for removal all the same", 0.8, words)
        if not automatic.is_permanent and _is_for_many(mail) and not _is_answer(mail):
            return Classified("other", "mail to many, and no answer", 0.85, words)
        kind: Kind = "auto_permanent" if automatic.is_permanent else "auto_reply"
        if kind == "auto_reply" and _is_notification(mail, automatic.why):
            return Classified("other", "sent by a machine, and no answer to anything", 0.7, words)
        return Classified(kind, automatic.why, automatic.confidence, words)
    if _is_for_many(mail) and not _is_answer(mail):
        return Classified("other", "mail to many, and no answer", 0.9, words)
    if wish is not None:
        return Classified("unsubscribe", wish.why, wish.confidence, words, "negative")
    if not words and not _is_answer(mail):
        return Classified("other", "there is no text of the sender", 0.7)
    if not words:
        return Classified("human_reply", "an answer without words of its own", 0.6)
    sentiment = find_sentiment(words)
    return Classified("human_reply", "no rule says that a machine wrote it", 0.9 if _is_answer(mail) else 0.75, words, sentiment)


def _classify_calendar(mail: ParsedMail, words: str, subject: str) -> Classified:
    """An answer to an invitation, or one of theirs: a human did that."""
    wish = find_wish(words, subject)
    if wish is not None:
        return Classified("unsubscribe", wish.why, wish.confidence, words, "negative")
    method, _, answer = mail.calendar.partition(" ")
    sentiment: Sentiment | None = "positive" if answer in ("accepted", "tentative") else "negative" if answer == "declined" else None
    return Classified("human_reply", f"a calendar message ({method})", 0.8, words, sentiment)


def _subject_of_theirs(mail: ParsedMail, subject_of_ours: str) -> str:
    """Their subject; empty where it only repeats ours, or where they answer and nobody knows what ours was."""
    own = subject_words(mail.subject)
    if subject_of_ours and fold(subject_words(subject_of_ours)) == fold(own):
        return ""
    is_reply = own != mail.subject.strip()
    return "" if is_reply and len(own.split()) > 6 else own


def _is_answer(mail: ParsedMail) -> bool:
    return bool(mail.header("in-reply-to") or mail.header("references")) or subject_words(mail.subject) != mail.subject.strip()


def _is_for_many(mail: ParsedMail) -> bool:
    precedence = fold(mail.header("precedence")).strip()
    return any(name in mail.headers for name in _MANY) or "list-unsubscribe" in mail.headers or precedence in ("bulk", "list")


def _is_notification(mail: ParsedMail, why: str) -> bool:
    """What a machine sends of its own accord: `auto-generated`, and neither an answer nor a text that speaks of absence."""
    if why != "Auto-Submitted" or not fold(mail.header("auto-submitted")).startswith("auto-generated"):
        return False
    return not _is_answer(mail) and not _speaks_of_receipt(mail)


def _speaks_of_receipt(mail: ParsedMail) -> bool:
    text = fold(f"{mail.subject}\n{mail.text[:4_000]}")
    return bool(
        pattern(
            r"\breceived your\b", r"\b(?:ticket|case|request)\b", r"\bthank you for\b", r"\bout of (?:the )?office\b", r"\bauto(?:matic)?[- ]?(?:reply|response)\b", r"\baway\b", r"\bno longer\b", r"\bon (?:vacation|leave|holiday)\b", r"\b(?:ihre (?:anfrage|nachricht|e-?mail)|abwesen\w+|urlaub|automatische antwort)\b", r"\b(?:absence|absente?|conges?|reponse automatique)\b", r"\b(?:respuesta automatica|ausente|vacaciones|ferias|ausencia)\b", r"\b(?:risposta automatica|assente|ferie|fuori ufficio)\b", r"\b(?:afwezig\w*|vakantie|automatisch antwoord)\b", r"\b(?:nieobecn\w+|urlop\w*|autosvar|semester|ferie|lomalla|poissa)\b",
        ).search(text)
    )  # fmt: skip
