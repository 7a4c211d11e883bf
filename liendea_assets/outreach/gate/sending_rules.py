"""Rules about who sends: the campaign's approval, the domain's records, and what the mailbox's earlier messages brought."""

import ipaddress
from datetime import date, timedelta

from liendea_assets.clients.dns_records import RecordKind
from liendea_assets.core.clock import from_text
from liendea_assets.outreach.gate.case import Case
from liendea_assets.outreach.gate.person_rules import Answer
from liendea_assets.outreach.settings import DnsSettings, MailboxSettings

# One complaint alone may be a slip; it suppresses the person all the same.
FEWEST_COMPLAINTS = 2


def campaign(case: Case) -> Answer:
    """Active, within its dates, and approved by somebody for exactly the version that the message was made from."""
    found, version, today = case.facts.campaign(case.row), case.row["campaign_version"], case.now.date()
    if found["status"] != "active":
        return False, f"the campaign is {found['status']}"
    if found["start_date"] and today < date.fromisoformat(found["start_date"]):
        return False, f"the campaign begins on {found['start_date']}"
    if found["end_date"] and today > date.fromisoformat(found["end_date"]):
        return False, f"the campaign ended on {found['end_date']}"
    if not version or found["version"] != version:
        return False, "the message was made from another version of the campaign; fill the queue again"
    approval = case.facts.approval(case.row, str(version))
    return approval is not None, f"approval {approval['id']} of version {version}" if approval else f"nobody approved version {version}"


def dns(case: Case) -> Answer:
    """SPF, DKIM, DMARC and MX of the sender's domain, as they were found last. Nothing is asked here."""
    settings, mailbox = case.gate.dns, case.mailbox
    if not settings.required:
        return True, "outreach.yaml does not require the records (dns.required)"
    if settings.exempt_loopback and is_loopback(case.smtp_hosts.get(mailbox.name, "")):
        return True, "exempt: the mail server is on this machine (dns.exempt_loopback)"
    needed = needed_records(mailbox, settings)
    checks = case.facts.dns_checks(needed)
    oldest = case.now - timedelta(hours=settings.max_age_hours)
    for kind, name in needed:
        if not name:
            return False, "the DKIM selector of the sender's domain is not configured (mailboxes.dkim or gate.dns.selectors)"
        check = checks.get((kind, name))
        if check is None:
            return False, f"{kind} of {name} was never checked; liendea doctor does"
        if from_text(check["checked_at"]) < oldest:
            return False, f"{kind} of {name} was last checked more than {settings.max_age_hours} hours ago; liendea doctor does"
        if not check["is_ok"]:
            return False, f"{kind} of {name}: {check['detail']}"
    return True, f"{', '.join(kind for kind, _ in needed)} were found right"


def bounce_rate(case: Case) -> Answer:
    """Too many addresses that do not exist: nobody new is written to, and sequences under way go on."""
    gate, sends = case.gate, case.facts.sends(case.mailbox.name, case.gate.rate_window_days)
    if not sends.bounced:
        return True, f"no message bounced for good in {gate.rate_window_days} days"
    if sends.sent < gate.bounce_min_sends:
        return True, f"{sends.bounced} of {sends.sent} messages bounced; counted from {gate.bounce_min_sends} on"
    rate = sends.bounced / sends.sent
    told = f"{sends.bounced} of {sends.sent} messages bounced in {gate.rate_window_days} days ({rate:.1%})"
    if rate < gate.bounce_stop:
        return True, f"warning: {told}" if rate >= gate.bounce_warn else told
    if case.facts.is_follow_up(case.row):
        return True, f"warning: {told}; this is a follow-up"
    return False, f"{told}; from {gate.bounce_stop:.1%} on nobody new is written to"


def complaint_rate(case: Case) -> Answer:
    """Too many people who call it spam: the mailbox rests."""
    gate, sends = case.gate, case.facts.sends(case.mailbox.name, case.gate.rate_window_days)
    if not sends.complained:
        return True, f"no complaint in {gate.rate_window_days} days"
    told = f"{sends.complained} complaints about {sends.sent} messages in {gate.rate_window_days} days"
    is_much = sends.complained >= FEWEST_COMPLAINTS and sends.complained >= gate.complaint_stop * sends.sent
    return not is_much, f"{told}; the mailbox writes to nobody from {gate.complaint_stop:.1%} on" if is_much else told


def needed_records(mailbox: MailboxSettings, settings: DnsSettings) -> tuple[tuple[RecordKind, str], ...]:
    """(kind, name) of what receivers look for when this mailbox sends; the name of the key is empty where nobody said the selector."""
    domain = mailbox.email.rpartition("@")[2].lower()
    envelope = (mailbox.bounce_address or mailbox.email).rpartition("@")[2].lower()
    selectors = {name.lower(): selector for name, selector in settings.selectors.items()}
    if mailbox.dkim is not None:
        key = f"{mailbox.dkim.selector}._domainkey.{mailbox.dkim.domain.lower()}"
    elif domain in selectors:
        key = f"{selectors[domain]}._domainkey.{domain}"
    else:
        key = ""
    return (("spf", envelope), ("dkim", key), ("dmarc", domain), ("mx", domain), *((("mx", envelope),) if envelope != domain else ()))


def is_loopback(host: str) -> bool:
    """Whether a mail server is on this machine; a name that could lead anywhere is not."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
