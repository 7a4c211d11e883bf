"""Mail that did not arrive: reports (RFC 3464) first, then what servers write without them; complaints (RFC 5965)."""

import email
import email.policy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from flufl.bounce import all_failures

from liendea_assets.outreach.replies.folding import fold, pattern
from liendea_assets.outreach.replies.parse import PARSE_ERRORS, ParsedMail, addresses_of, first_address
from liendea_assets.outreach.replies.statuses import CODE, FULL, GONE, PASSING, REPLY, find_code, judge

_DAEMON = pattern(
    r"^(?:mailer-?daemon|mail-?daemon|mdaemon|postmaster|mailerdaemon|mail-delivery-subsystem|bounces?|bounce-handler|mailadmin|mail\.?system|"
    r"microsoftexchange[0-9a-f]+|auto-reply-bounce|no-?reply-?bounce|mail-?delivery|delivery-status|ndr|nondelivery|mailsystem|maildelivery)(?:[-+_=.].*)?@"
)
_DAEMON_NAME = pattern(
    r"\bmail delivery (?:sub)?system\b", r"\bmailer[- ]daemon\b", r"\bmail delivery service\b", r"\bmail administrator\b"
)
_SUBJECT = pattern(
    r"\bundeliver(?:able|ed)\b", r"\bundelivered mail\b", r"\bdelivery (?:status )?(?:notification|failure|report|has failed|failed|delayed|problem|error)\b", r"\bfailure notice\b", r"\breturned (?:mail|to sender)\b", r"\bmail delivery (?:failed|failure|error|problem|delayed|system)\b", r"\bmessage (?:delivery )?(?:delayed|failure|undeliverable)\b", r"\b(?:could|can) ?not be delivered\b", r"\bnon[- ]?delivery\b", r"\bdelivery (?:to the following|incomplete)\b", r"\bnotification d'echec\b", r"\bmail could not be\b", r"\bmessage status - undeliverable\b", r"\bmail system error\b", r"\bdelivery attempt\b", r"\bwarning: (?:message|could not send)\b", r"\bfailed delivery\b", r"\bnondeliverable\b", r"\bunable to deliver\b", r"\brejected mail\b", r"\bbounced?(?: mail| message)\b",
    r"\bunzustellbar\b", r"\bnicht (?:zugestellt|zustellbar)\b", r"\bzustell(?:ung|bericht|fehler)\w*\b", r"\b(?:non remis|non distribu\w+|non delivre|echec de (?:la )?(?:remise|livraison|distribution))\b", r"\bno (?:se ha )?(?:entregad\w|puede entregarse|se pudo entregar)\b", r"\berror de entrega\b", r"\b(?:mancato recapito|non recapitabile|recapito non riuscito|impossibile recapitare|mancata consegna|notifica di mancato)\b", r"\b(?:onbestelbaar|niet (?:bezorgd|afgeleverd|besteld))\b", r"\b(?:nao (?:foi )?entregue|falha na entrega|nao entregavel|devolvid\w)\b", r"\b(?:niedostarcz\w+|nie (?:mozna )?dostarcz\w+|zwrot)\b", r"\b(?:olevererat|kunde inte levereras|ikke leveres|uleveret|kan ikke leveres|toimittaminen epaonnistui)\b", r"\bnedorucit\w*\b", r"недостав\w*|не доставлен\w*", r"配信不能|配達できません|未送達|退信|无法投递|반송",
)  # fmt: skip
_DELAY = pattern(
    r"\bdelay(?:ed)?\b", r"\bwarning\b", r"\bstill (?:trying|being)\b", r"\bverzoger\w*\b", r"\bretarde?e?\b", r"\bnot yet been delivered\b"
)
_COPY = re.compile(
    r"\n[-=_* ]*(?:below this line is a copy|this is a copy of|the following is a copy|original message(?: headers| follows)?|message headers follow|"
    r"included is a copy|header of the original|returned message|unsent message follows|message header follows)", re.IGNORECASE
)  # fmt: skip
_ID = re.compile(r"^\W{0,3}(?:x-)?(?:original-)?message-id:\s*(<[^<>\s]{3,250}>)", re.IGNORECASE | re.MULTILINE)
_ABUSE_DESK = pattern(r"^(?:abuse|fbl|complaints?|feedback|staff|spamreport|feedbackloop|abuse-report|scomp|postmaster-fbl|arf)\b[^@]*@")
_ABUSE_SUBJECT = pattern(r"\b(?:abuse|spam|fbl|feedback loop) (?:report|complaint|notification)\b", r"\bcomplaint about (?:message|mail|spam|your)\b", r"\bfeedback[- ]loop\b", r"\[spamcop\b", r"\bspam (?:report|complaint) (?:from|about|against)\b", r"\bunsolicited (?:bulk )?e-?mail (?:report|complaint)\b", r"\bemail feedback report\b", r"\bcomplaint (?:regarding|concerning)\b", r"\bbeschwerde\w*\b.{0,40}\bspam\b", r"\bsignalement\b.{0,30}\b(?:spam|abus)\b")  # fmt: skip

# What RFC 5965 and its registry name that is no complaint: filters' own verdicts and reports about authentication.
_NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "auth_failure", "dmarc"})


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says.

    Attributes:
        kind: hard, soft, or delivered: a report that all went well.
        recipient: whom it did not reach, as the server names them; None where nobody is named.
        status: such as 5.1.1.
        why: by which rule.
        confidence: 0 to 1.
    """

    kind: Literal["hard", "soft", "delivered"]
    recipient: str | None
    status: str | None
    why: str
    confidence: float


def find_bounce(mail: ParsedMail, content: bytes) -> Bounce | None:
    """What a server says of mail that it could not deliver; None where this is something else.

    Args:
        content: the message as it came, for the heuristics that read it themselves.
    """
    if mail.delivery:
        return _read_report(mail)
    if not _looks_like_bounce(mail):
        return None
    return _read_text(mail, content)


def original_ids(mail: ParsedMail) -> list[str]:
    """Message-IDs of the message that a report is about, from its copy."""
    found = [value for value in mail.original.get("message-id", ()) if value]
    found += [block[name] for block in mail.delivery for name in ("original-message-id", "x-original-message-id") if name in block]
    found += [mail.feedback["original-message-id"]] if "original-message-id" in mail.feedback else []
    found += [mail.notification["original-message-id"]] if "original-message-id" in mail.notification else []
    for text in (mail.plain, mail.whole_html or ""):
        found += _ID.findall(text)
    return list(dict.fromkeys(id_ for value in found for id_ in re.findall(r"<[^<>\s]+>", value)))


def find_complaint(mail: ParsedMail) -> tuple[str, str | None] | None:
    """Why a message is a complaint, and about mail to whom; None where it is none."""
    if mail.feedback:
        kind = mail.feedback.get("feedback-type", "abuse").lower()
        if kind in _NO_COMPLAINT:
            return None
        named = mail.feedback.get("original-rcpt-to") or mail.feedback.get("removal-recipient") or mail.original.get("to", ("",))[0]
        return f"feedback report of type {kind}" if kind.isascii() and len(kind) < 30 else "feedback report", first_address(named)
    named = next((mail.headers[name][0] for name in ("x-hmxmroriginalrecipient", "x-original-rcpt-to") if name in mail.headers), "")
    has_copy = "message/rfc822" in mail.types or bool(mail.original)
    named = named or mail.original.get("x-hmxmroriginalrecipient", ("",))[0] or mail.original.get("to", ("",))[0]
    if "x-hmxmroriginalrecipient" in (*mail.headers, *mail.original):
        return "complaint of Microsoft's junk mail reporting", first_address(named)
    sender, subject = fold(mail.from_address or ""), fold(mail.subject)
    if _ABUSE_SUBJECT.search(subject) and (_ABUSE_DESK.match(sender) or has_copy or "spamcop" in subject):
        return "an abuse desk forwards a complaint", first_address(named)
    return None


def _read_report(mail: ParsedMail) -> Bounce:
    """Per recipient: of several the one that failed, a soft one before a hard one."""
    blocks = [block for block in mail.delivery if "final-recipient" in block or "action" in block or "status" in block]
    judged = [_judge_block(block, mail) for block in blocks]
    if not judged:
        return Bounce("soft", _original_recipient(mail), None, "a delivery report that names no recipient", 0.6)
    failed = [bounce for bounce in judged if bounce.kind != "delivered"]
    return min(failed or judged, key=lambda bounce: bounce.kind == "hard")


def _judge_block(block: Mapping[str, str], mail: ParsedMail) -> Bounce:
    named = (block.get("original-recipient", ""), block.get("final-recipient", ""), block.get("x-actual-recipient", ""))
    recipient = next(
        (address for value in named if (address := first_address(value.partition(";")[2] or value))), None
    ) or _original_recipient(mail)
    status = next(iter(CODE.findall(block.get("status", ""))), None)
    action = fold(block.get("action", "")).split(" ")[0].strip(";,")
    said = block.get("diagnostic-code", "").partition(";")[2] or block.get("diagnostic-code", "")
    if action in ("delivered", "relayed", "expanded") or (status or "").startswith("2."):
        return Bounce("delivered", recipient, status, f"a report of success ({action or status})", 0.95)
    if action == "delayed":
        return Bounce("soft", recipient, status, "delivery is delayed", 0.98)
    told = said
    if len(re.sub(r"[\d.\s#-]+", "", said)) < 12:
        told = f"{said}\n{_around(_notice(mail), recipient)}"
    severity, why = judge(status, told)
    return Bounce(severity, recipient, status or find_code(told), f"delivery report: {why}", 0.97 if status else 0.8)


def _looks_like_bounce(mail: ParsedMail) -> bool:
    subject, sender = fold(mail.subject), mail.from_address or ""
    is_daemon = bool(_DAEMON.match(fold(sender)) or _DAEMON_NAME.search(fold(mail.header("from"))))
    is_null = mail.header("return-path").strip() in ("<>", "< >") or not mail.header("from").strip()
    names_failure = bool(_SUBJECT.search(subject))
    if "x-failed-recipients" in mail.headers or (
        "multipart/report" in mail.header("content-type").lower() and "delivery-status" in mail.header("content-type").lower()
    ):
        return True
    if names_failure and (is_daemon or is_null):
        return True
    has_code = bool(find_code(mail.text)) or bool(REPLY.search(mail.text))
    text = fold(mail.text[:6_000])
    if is_daemon and (has_code or GONE.search(text) or FULL.search(text)):
        return not subject.startswith(
            ("automatic reply", "automatische antwort", "reponse automatique", "respuesta automatica", "out of office")
        )
    is_no_reply = not mail.header("in-reply-to") and not re.match(r"(?:re|aw|fwd?|wg|antw|sv|r)\s*:", subject)
    return names_failure and has_code and (is_no_reply or "auto-submitted" in mail.headers) and bool(addresses_of(mail.text))


def _read_text(mail: ParsedMail, content: bytes) -> Bounce:
    notice = _notice(mail)
    recipient = _named_recipient(mail, notice, content)
    # the words around the recipient or the server's answer; what is around them speaks of help pages
    said = _around(notice, recipient)
    status = find_code(said) or find_code(notice)
    if _DELAY.search(fold(mail.subject)) and not GONE.search(fold(said)):
        return Bounce("soft", recipient, status, "the text says that delivery is delayed", 0.85)
    severity, why = judge(status, said if REPLY.search(said) or find_code(said) or GONE.search(fold(said)) else notice)
    if severity == "hard" and status is None and PASSING.search(fold(mail.subject)):
        severity = "soft"
    return Bounce(severity, recipient, status, f"text without a report: {why}", 0.8 if status else 0.65)


def _notice(mail: ParsedMail) -> str:
    """What the server wrote, without its copy of the message."""
    text = mail.text
    copy = _COPY.search(text)
    return text[: copy.start()] if copy and copy.start() > 40 else text[:12_000]


def _around(text: str, recipient: str | None) -> str:
    """The paragraphs that name the recipient or a server's answer; all of it where none does."""
    paragraphs = re.split(r"\n\s*\n", text)
    chosen = [
        f"{paragraph}\n{following}" if recipient and recipient in paragraph.lower() and len(paragraph) < 300 else paragraph
        for paragraph, following in zip(paragraphs, [*paragraphs[1:], ""], strict=True)
        if (recipient and recipient in paragraph.lower()) or REPLY.search(paragraph) or find_code(paragraph)
    ]
    return "\n".join(chosen)[:4_000] or text[:4_000]


def _named_recipient(mail: ParsedMail, notice: str, content: bytes) -> str | None:
    failed = mail.header("x-failed-recipients")
    if failed:
        return first_address(failed)
    try:
        temporary, permanent = all_failures(email.message_from_bytes(content, policy=email.policy.compat32))
        found = sorted(address.decode("ascii", "replace") for address in {*permanent, *temporary})
    except PARSE_ERRORS:
        found = []
    for address in (*found, *(value for value in addresses_of(notice) if value != mail.from_address and not _DAEMON.match(value))):
        named = first_address(address)
        if named:
            return named
    return _original_recipient(mail)


def _original_recipient(mail: ParsedMail) -> str | None:
    return first_address(mail.original.get("to", ("",))[0])
