"""Amazon SES tells of bounces and complaints as JSON, by way of SNS; here that becomes what reports of RFC 3464 and 5965 say."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# What SES calls permanent is an address that it will not try again; a status is not always told.
_STATUS = {"permanent": "5.1.1", "transient": "4.0.0"}


@dataclass(frozen=True, slots=True)
class SesReport:
    """As ParsedMail has it: `delivery`, `feedback` and the headers of the message that it is about."""

    delivery: tuple[Mapping[str, str], ...]
    feedback: Mapping[str, str]
    original: Mapping[str, tuple[str, ...]]


def read_ses(text: str) -> SesReport | None:
    """The notification that a text begins with, None for any other. SNS may have wrapped it, and writes below it how its topic is left.

    Documented at docs.aws.amazon.com/ses/latest/dg/notification-contents.html; seen 2026-11.
    """
    found = _begin(text)
    if "Message" in found and "TopicArn" in found:
        found = _begin(str(found["Message"]))
    kind = str(found.get("notificationType") or found.get("eventType") or "").lower()
    about, mail = found.get(kind), found.get("mail")
    if not isinstance(mail, dict) or not isinstance(about, dict):
        return None
    original = _original(mail)
    if kind == "bounce":
        default = _STATUS.get(str(about.get("bounceType", "")).lower(), "4.0.0")
        blocks = (_block(one, default) for one in _objects(about.get("bouncedRecipients")))
        return SesReport(({"reporting-mta": "dns; amazonses.com"}, *blocks), {}, original)
    if kind == "complaint":
        named = next(iter(_objects(about.get("complainedRecipients"))), {})
        feedback = {
            "feedback-type": str(about.get("complaintFeedbackType") or "abuse"),
            "original-rcpt-to": str(named.get("emailAddress", "")),
        }
        return SesReport((), feedback, original)
    return None


def _block(recipient: Mapping[str, object], default: str) -> dict[str, str]:
    status = str(recipient.get("status") or default)
    fields = {"action": "failed" if status.startswith("5") else "delayed", "status": status}
    diagnostic = str(recipient.get("diagnosticCode") or "")
    return {
        **fields,
        "final-recipient": f"rfc822; {recipient.get('emailAddress', '')}",
        **({"diagnostic-code": diagnostic} if diagnostic else {}),
    }


def _original(mail: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    headers: dict[str, tuple[str, ...]] = {
        str(one.get("name", "")).lower(): (str(one.get("value", "")),) for one in _objects(mail.get("headers"))
    }
    common = mail.get("commonHeaders")
    if isinstance(common, dict) and common.get("messageId"):
        headers.setdefault("message-id", (str(common["messageId"]),))
    return headers


def _begin(text: str) -> dict[str, object]:
    stripped = text.lstrip("\ufeff \t\r\n")
    if not stripped.startswith("{"):
        return {}
    try:
        found, _ = json.JSONDecoder().raw_decode(stripped)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    yield from (one for one in (value if isinstance(value, list) else []) if isinstance(one, dict))
