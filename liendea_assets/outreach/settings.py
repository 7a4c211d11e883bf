"""`outreach.yaml`: who writes, by which mailboxes, when, how much, to whom it is allowed, and what is read back."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, PositiveInt, model_validator

from liendea_assets.core.settings import Settings
from liendea_assets.outreach.campaign_settings import (
    Audience,
    CampaignSettings,
    Country,
    Language,
    Line,
    Name,
    Step,
    Text,
    TextFiles,
    Variant,
)
from liendea_assets.outreach.sending_settings import SendingSettings

__all__ = [
    "Audience",
    "CampaignSettings",
    "CapSettings",
    "DkimSettings",
    "GateSettings",
    "InboxSettings",
    "InboxSource",
    "LanguageSettings",
    "LinkedInSettings",
    "MailboxSettings",
    "OutreachSettings",
    "PublicSettings",
    "Sender",
    "SendingSettings",
    "Step",
    "TextFiles",
    "Variant",
    "WindowSettings",
]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("a time zone of the IANA database, such as Europe/Berlin")
    return name


MailAddress = Annotated[str, Field(pattern=r"^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$")]
Domain = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+\.[A-Za-z]{2,}$")]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
# of an environment variable
Prefix = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Share = Annotated[float, Field(ge=0, le=1)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Policy = Literal["allow", "notice", "consent", "block"]
EmailStatus = Literal["verified", "risky", "invalid", "unknown"]


class Sender(Settings):
    """Who signs, and for whom."""

    name: Line
    title: str = ""
    company: Line
    email: MailAddress
    postal_address: Text


class DkimSettings(Settings):
    """A key to sign with, where the mail server does not sign. `key_file` is a PEM file below the home's data folder."""

    selector: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")]
    domain: Domain
    key_file: Text


class MailboxSettings(Settings):
    """A mailbox that sends.

    Attributes:
        from_name: shown as the sender; None for the name of `sender`.
        smtp_env: `SMTP` means SMTP_HOST, SMTP_PORT, SMTP_USERNAME and SMTP_PASSWORD of the environment.
        auth: with xoauth2 the password is an access token.
        daily_limit, ramp_from, ramp_step: messages a day; a new mailbox begins with `ramp_from` and gets `ramp_step` more each day.
        bounce_address: the envelope's sender; None for `email`.
    """

    name: Name
    email: MailAddress
    from_name: Line | None = None
    smtp_env: Prefix = "SMTP"
    security: Literal["starttls", "tls", "none"] = "starttls"
    auth: Literal["password", "xoauth2"] = "password"
    daily_limit: PositiveInt = 30
    ramp_from: PositiveInt = 5
    ramp_step: PositiveInt = 3
    dkim: DkimSettings | None = None
    bounce_address: MailAddress | None = None
    time_zone: TimeZone = "UTC"


class WindowSettings(Settings):
    """When messages may reach people, in their own time zone.

    Attributes:
        default_time_zone: of people whose zone is not known; None for the mailbox's.
        holidays: whether public holidays of the person's country are left out.
    """

    days: Annotated[tuple[Day, ...], Field(min_length=1)] = ("mon", "tue", "wed", "thu", "fri")
    start: TimeOfDay = "09:00"
    end: TimeOfDay = "17:00"
    default_time_zone: TimeZone | None = None
    holidays: bool = True

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end <= self.start:
            raise ValueError("an end after the start")
        return self


class CapSettings(Settings):
    """What one person and one company get at most, over all campaigns and mailboxes. A week is any seven days."""

    company_people_per_week: PositiveInt = 2
    messages_per_contact_per_week: PositiveInt = 2
    days_between_messages: Annotated[int, Field(ge=0)] = 2


class LegitimateInterest(Settings):
    """A recorded assessment (GDPR Art. 6(1)(f)): for what, when, where the document is, and after how many days it is done again."""

    purpose: Text
    assessed_on: date
    document: Text
    max_age_days: PositiveInt = 365


class DnsSettings(Settings):
    """Whether SPF, DKIM, DMARC and MX of the senders' domains must have been found right, and how old that finding may be.

    Attributes:
        selectors: domain → the DKIM selector by which the mail server signs, where no key of our own is set for the mailbox.
        exempt_loopback: whether a mailbox whose mail server is on this machine needs no records, since no receiver checks them.
    """

    required: bool = True
    max_age_hours: PositiveInt = 24
    selectors: Mapping[Domain, Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")]] = {}
    exempt_loopback: bool = False


class GateSettings(Settings):
    """Who may be written to. What is left out here is the strict choice.

    Attributes:
        country_policy: allow; notice (an assessment of legitimate interest, and `notice_text` until it was given); consent (one that
            is recorded); block.
        unknown_country: for people whose country is not known, or not named in `country_policy`.
        verification: what providers may have said of the address; unknown also stands for nothing.
        rate_window_days: over how many days a mailbox's bounces and complaints are counted.
        bounce_warn, bounce_stop: share of hard bounces from `bounce_min_sends` on; at `bounce_stop` nobody new is written to.
        complaint_stop: share of complaints, from the second one on, at which the mailbox writes to nobody.
        notice_text: in the default language, with {{ variables }}: who has the data, from where, for what, on which ground, for how long,
            and the person's rights.
    """

    country_policy: Mapping[Country, Policy] = {}
    unknown_country: Policy = "consent"
    verification: Annotated[tuple[EmailStatus, ...], Field(min_length=1)] = ("verified", "unknown")
    rate_window_days: PositiveInt = 30
    bounce_warn: Share = 0.02
    bounce_stop: Share = 0.03
    bounce_min_sends: PositiveInt = 30
    complaint_stop: Share = 0.003
    legitimate_interest: LegitimateInterest | None = None
    notice_text: Text | None = None
    dns: DnsSettings = DnsSettings()

    @model_validator(mode="after")
    def _has_its_notice(self) -> Self:
        if "notice" in (self.unknown_country, *self.country_policy.values()) and self.notice_text is None:
            raise ValueError("a notice_text, since a country's policy is notice")
        if self.bounce_stop < self.bounce_warn:
            raise ValueError("bounce_stop at or above bounce_warn")
        return self

    def policy(self, country: str | None) -> Policy:
        """The policy for a country (ISO 3166, two letters), None where it is not known."""
        return self.country_policy.get(country, self.unknown_country) if country else self.unknown_country


class InboxSource(Settings):
    """Where answers are read.

    Attributes:
        path: of a Maildir or mbox; below the home where it is not absolute.
        env: `IMAP` means IMAP_HOST, IMAP_PORT, IMAP_USERNAME and IMAP_PASSWORD of the environment.
    """

    name: Name
    kind: Literal["imap", "maildir", "mbox"]
    path: Text | None = None
    env: Prefix = "IMAP"
    folder: Line = "INBOX"
    security: Literal["starttls", "tls", "none"] = "tls"
    auth: Literal["password", "xoauth2"] = "password"

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if (self.kind == "imap") != (self.path is None):
            raise ValueError("a path for maildir and mbox, and none for imap")
        return self


class InboxSettings(Settings):
    """What is read for answers, bounces and opt-outs.

    Attributes:
        soft_bounces_before_pause: as many soft bounces in a row pause a person; nobody is suppressed by them.
        pause_days: how long.
    """

    sources: tuple[InboxSource, ...] = ()
    soft_bounces_before_pause: Annotated[int, Field(ge=1, le=20)] = 3
    pause_days: Annotated[int, Field(ge=1, le=365)] = 30

    @model_validator(mode="after")
    def _names_each_source_once(self) -> Self:
        if len({source.name for source in self.sources}) < len(self.sources):
            raise ValueError("a name of its own for each source")
        return self


class PublicSettings(Settings):
    """The public pages. Without `base_url` there are none, and opt-outs come by mail alone."""

    base_url: Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?$")] | None = None
    click_tracking: bool = False
    open_pixel: bool = False

    @model_validator(mode="after")
    def _is_reachable_by_https(self) -> Self:
        if self.base_url is None and (self.click_tracking or self.open_pixel):
            raise ValueError("a base_url for click_tracking and open_pixel")
        if self.base_url and not self.is_https and urlsplit(self.base_url).hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("a base_url that begins with https:// (http:// on this machine alone)")
        return self

    @property
    def is_https(self) -> bool:
        """One-click opt-outs (RFC 8058) need HTTPS."""
        return self.base_url is not None and self.base_url.startswith("https://")

    def link(self, path: str) -> str | None:
        """The address of a page, None without public pages."""
        return f"{self.base_url.rstrip('/')}/{path}" if self.base_url else None


class LinkedInSettings(Settings):
    """The list that colleagues work by hand. A week is any seven days; a note goes with an invitation.

    Attributes:
        cool_down_days: after "not now", before the person is suggested again.
        skip_days: after "skip".
        note_characters: what an invitation's note may hold. 200 on a free account, 300 on a paid one (LinkedIn Help, "Personalize
            invitations to connect", 2024).
    """

    people_per_day: PositiveInt = 10
    invitations_per_week: PositiveInt = 100
    notes_per_week: Annotated[int, Field(ge=0)] = 5
    cool_down_days: PositiveInt = 14
    skip_days: PositiveInt = 90
    note_characters: PositiveInt = 200


class LanguageSettings(Settings):
    """Which language somebody is written to in, where the campaign has it.

    Attributes:
        footers, notices: language → the footer, and the notice of Art. 14 GDPR, in it. Without one it is the default language's.
    """

    default: Language = "en"
    by_country: Mapping[Country, Language] = {}
    footers: Mapping[Language, Text] = {}
    notices: Mapping[Language, Text] = {}


class OutreachSettings(Settings):
    """The file's keys. Without `mailboxes` there is one, named main, made of `sender`."""

    sender: Sender
    mailboxes: tuple[MailboxSettings, ...] = ()
    unsubscribe_mailbox: MailAddress
    footer: Text
    languages: LanguageSettings = LanguageSettings()
    window: WindowSettings = WindowSettings()
    caps: CapSettings = CapSettings()
    gate: GateSettings = GateSettings()
    inbox: InboxSettings = InboxSettings()
    public: PublicSettings = PublicSettings()
    linkedin: LinkedInSettings = LinkedInSettings()
    sending: SendingSettings = SendingSettings()

    @model_validator(mode="after")
    def _names_each_mailbox_once(self) -> Self:
        if len({mailbox.name for mailbox in self.mailboxes}) < len(self.mailboxes):
            raise ValueError("a name of its own for each mailbox")
        return self

    @property
    def all_mailboxes(self) -> tuple[MailboxSettings, ...]:
        """The mailboxes that send."""
        return self.mailboxes or (MailboxSettings(name="main", email=self.sender.email),)

    def mailboxes_of(self, campaign: CampaignSettings) -> tuple[MailboxSettings, ...]:
        """Those that a campaign may use, in its order; names that there are not are left out (`liendea campaign check` tells them)."""
        known = {mailbox.name: mailbox for mailbox in self.all_mailboxes}
        return tuple(known[name] for name in campaign.mailboxes if name in known) if campaign.mailboxes else self.all_mailboxes

    def mailbox(self, name: str | None) -> MailboxSettings:
        """The mailbox of a name, the first for None.

        Raises:
            KeyError: there is none of that name.
        """
        known = {mailbox.name: mailbox for mailbox in self.all_mailboxes}
        return self.all_mailboxes[0] if name is None else known[name]
