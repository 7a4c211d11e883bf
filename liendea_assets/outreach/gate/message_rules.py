"""Rules about the bytes that would go over the wire: what the law wants in them is looked for in what a person sees of every text part."""

import hashlib
import re
from email.headerregistry import AddressHeader
from email.policy import SMTP
from functools import lru_cache
from urllib.parse import unquote

from liendea_assets.outreach.gate.case import CannotDecide, Case
from liendea_assets.outreach.gate.person_rules import Answer, policy_of

_ATOMS = r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
# A header that is one address, with or without a name of plain words.
_ONE_ADDRESS = re.compile(rf"({_ATOMS})|[A-Za-z0-9-]+(?: [A-Za-z0-9-]+)* <({_ATOMS})>")
# Headers by which a mail server might deliver to somebody else.
_OTHER_RECIPIENTS = ("Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc")


def intact(case: Case) -> Answer:
    """The bytes are those that were queued, and carry the Message-ID by which an answer is found."""
    if hashlib.sha256(case.raw).hexdigest() != case.row["message_sha256"]:
        return False, "the message is not the one that was queued: its hash differs"
    if any(part.defects for part in case.message.walk()):
        return False, "the message is no well-formed e-mail"
    if not case.row["message_id"] or case.headers("Message-ID") != [case.row["message_id"]]:
        return False, "the Message-ID in the message is not that of its row"
    return True, "the hash and the Message-ID are those of the row"


def sender(case: Case) -> Answer:
    """From is the mailbox, and nothing says otherwise."""
    if _addresses(case, "From") != [case.mailbox.email.lower()]:
        return False, "From is not the mailbox that sends"
    for name in ("Sender", "Reply-To"):
        if name in case.message and _addresses(case, name) != [case.mailbox.email.lower()]:
            return False, f"{name} is not the mailbox that sends"
    return True, "From is the mailbox that sends"


def recipient(case: Case) -> Answer:
    """Exactly one recipient, the one that the other rules were asked about."""
    others = [name for name in _OTHER_RECIPIENTS if name in case.message]
    if others:
        return False, f"the message has a {others[0]}"
    found = _addresses(case, "To")
    if len(found) != 1:
        return False, f"To names {len(found)} recipients; exactly one is allowed"
    if found[0] != str(case.row["recipient"] or "").lower():
        return False, "To is not the recipient of the row"
    return True, "exactly one recipient, that of the row"


def postal_address(case: Case) -> Answer:
    """A valid postal address (CAN-SPAM), in every text part."""
    is_ok = case.holds(case.settings.sender.postal_address)
    return is_ok, "the postal address stands in every text part" if is_ok else "the postal address is missing in a text part"


def identification(case: Case) -> Answer:
    """Who writes, and that it is commercial: the footer as configured, and the sender's company."""
    if not case.holds(case.settings.sender.company):
        return False, "the sender's company is missing in a text part"
    is_ok = case.holds_template(case.settings.footer, *case.settings.languages.footers.values())
    return is_ok, "the footer stands in every text part" if is_ok else "the footer of outreach.yaml is missing in a text part"


def opt_out(case: Case) -> Answer:
    """How to end it, where a person sees it: the mailbox for opt-outs or the message's public page, in every text part."""
    ways = (case.settings.unsubscribe_mailbox.lower(), *([case.opt_out_page.lower()] if case.opt_out_page else []))
    is_ok = all(any(way in text.lower() for way in ways) for text in case.linked_texts)
    return is_ok, "a way to opt out stands in every text part" if is_ok else "the way to opt out is missing in a text part"


def list_unsubscribe(case: Case) -> Answer:
    """How to end it, for mail programs: a mailto always, one-click where there is a public address (RFC 2369, 8058)."""
    headers = case.headers("List-Unsubscribe")
    if len(headers) != 1:
        return False, f"{len(headers)} List-Unsubscribe headers; exactly one is allowed"
    links = [link.strip().removeprefix("<").removesuffix(">") for link in "".join(headers[0].split()).split(",")]
    token = str(case.row["token"] or "")
    mailto = f"mailto:{case.settings.unsubscribe_mailbox.lower()}"
    is_mail = any(unquote(link).lower().partition("?")[0] == mailto and token and token in unquote(link) for link in links)
    if not is_mail:
        return False, "List-Unsubscribe lacks the mailto with this message's token"
    if case.settings.public.is_https:
        if case.opt_out_page not in links:
            return False, "List-Unsubscribe lacks the address of the public page with this message's token"
        if case.headers("List-Unsubscribe-Post") != ["List-Unsubscribe=One-Click"]:
            return False, "List-Unsubscribe-Post is missing"
    return True, "List-Unsubscribe names the mailbox for opt-outs and this message's token"


def notice(case: Case) -> Answer:
    """Where the data came from and which rights the person has (GDPR Art. 14), until it was given."""
    policy = policy_of(case)
    if policy != "notice":
        return True, f"the policy for the person's country is {policy}, which wants no notice"
    given_at = case.facts.notice_given_at(case.row)
    if given_at is not None:
        return True, f"the notice was given on {given_at[:10]}"
    is_ok = has_notice(case)
    return is_ok, "the notice is due, and stands in every text part" if is_ok else "the notice is due, and missing in a text part"


def has_notice(case: Case) -> bool:
    """Whether every text part shows the notice as configured, in one of its languages."""
    if case.gate.notice_text is None:
        raise CannotDecide("no notice_text is configured in outreach.yaml")
    return case.holds_template(case.gate.notice_text, *case.settings.languages.notices.values())


def _addresses(case: Case, name: str) -> list[str]:
    """All addresses of all headers of a name, in small letters."""
    return [address for value in case.headers(name) for address in _read_addresses(name, value)]


# one mailbox writes to many
@lru_cache(maxsize=256)
def _read_addresses(name: str, value: str) -> tuple[str, ...]:
    plain = _ONE_ADDRESS.fullmatch(value)
    if plain is not None:
        # what Python's parser finds there too, in a hundredth of the time
        return (str(plain[1] or plain[2]).lower(),)
    header = SMTP.header_factory(name, value)
    if not isinstance(header, AddressHeader):
        raise CannotDecide(f"{name} is no list of addresses")
    if getattr(header, "defects", ()):
        raise CannotDecide(f"{name} cannot be read")
    return tuple(address.addr_spec.lower() for address in header.addresses)
