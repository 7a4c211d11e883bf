"""Notifications of Amazon SES, as SNS mails them."""

import json

import pytest

from liendea_assets.outreach.replies.classify import classify
from liendea_assets.outreach.replies.match import find_hints
from liendea_assets.outreach.replies.parse import parse_mail
from liendea_assets_tests.outreach.replies.letters import OUR_ID, THEM

FOOTER = (
    "\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n"
    "https://sns.eu-central-1.example/unsubscribe.html?x=1\n\nPlease do not reply directly to this email.\n"
)


def notification(kind: str, about: object, *, is_wrapped: bool = False) -> bytes:
    headers = [{"name": "Message-ID", "value": OUR_ID}, {"name": "To", "value": THEM}]
    mail = {"messageId": "0100-ses", "destination": [THEM], "headers": headers, "commonHeaders": {"messageId": OUR_ID}}
    text = json.dumps({"notificationType": kind, kind.lower(): about, "mail": mail})
    if is_wrapped:
        text = json.dumps({"Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": text})
    head = "From: AWS Notifications <no-reply@sns.amazonaws.example>\r\nSubject: AWS Notification Message\r\n"
    return f"{head}Content-Type: text/plain; charset=UTF-8\r\n\r\n{text}{FOOTER}".encode()


def bounce(kind: str, **told: str) -> dict[str, object]:
    return {"bounceType": kind, "bounceSubType": "General", "bouncedRecipients": [{"emailAddress": THEM, **told}]}


@pytest.mark.parametrize("is_wrapped", [False, True])
@pytest.mark.parametrize(
    ("kind", "about", "expected"),
    [
        ("Bounce", bounce("Permanent", status="5.1.1", diagnosticCode="smtp; 550 5.1.1 user unknown"), "bounce_hard"),
        ("Bounce", bounce("Permanent"), "bounce_hard"),
        ("Bounce", bounce("Transient", status="4.2.2", diagnosticCode="smtp; 452 4.2.2 mailbox full"), "bounce_soft"),
        ("Bounce", bounce("Transient"), "bounce_soft"),
        ("Bounce", bounce("Undetermined"), "bounce_soft"),
        ("Complaint", {"complainedRecipients": [{"emailAddress": THEM}], "complaintFeedbackType": "abuse"}, "complaint"),
        ("Complaint", {"complainedRecipients": [{"emailAddress": THEM}]}, "complaint"),
    ],
)
def test_notification_is_what_it_tells(kind: str, about: object, expected: str, is_wrapped: bool) -> None:
    content = notification(kind, about, is_wrapped=is_wrapped)
    found = classify(content)
    assert (found.kind, found.recipient) == (expected, THEM)
    assert find_hints(parse_mail(content), found.recipient, is_report=True).message_ids[0] == OUR_ID


@pytest.mark.parametrize("text", ["{", "{}", "[1]", "{" * 5_000, '{"notificationType": "Bounce", "bounce": 3, "mail": {}}'])
def test_what_only_looks_like_one_is_read_as_text(text: str) -> None:
    assert classify(f"From: {THEM}\r\nSubject: Re: x\r\n\r\n{text}\r\n".encode()).kind in ("human_reply", "other")
