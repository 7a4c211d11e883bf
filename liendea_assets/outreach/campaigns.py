"""Campaigns as they are carried out: the settings of `campaigns/*.yaml` with the text of every template."""

import hashlib
import json
from pathlib import Path

from liendea_assets.core.errors import SettingsError, TemplateProblem
from liendea_assets.core.home import Home
from liendea_assets.core.settings import Settings, load_file, load_settings
from liendea_assets.outreach.campaign_settings import CampaignSettings, Step, TextFiles
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.outreach.templates import HtmlTemplate, MessageTemplate


class Wording(Settings):
    """The templates of one step in one variant and language. None: of the step as it is, in the default language.

    Attributes:
        share: of the people, beside the other variants of the language.
        subject: empty where the message goes into the thread of the step before. body: None where the text is made from `html`.
    """

    variant: str | None = None
    language: str | None = None
    share: float = 1
    subject: str = ""
    body: str | None = None
    html: str | None = None


class StepTexts(Settings):
    """One step with all its wordings; at least one of them is in the default language."""

    name: str
    delay_days: int
    wordings: tuple[Wording, ...]


class Campaign(Settings):
    """A campaign with its templates' text.

    Attributes:
        content: JSON of all that decides what is written to whom: type, audience, steps, mailboxes and templates, and what of
            outreach.yaml stands in messages. Status, dates and the daily limit do not count.
        version: changes with the content.
    """

    name: str
    settings: CampaignSettings
    steps: tuple[StepTexts, ...]
    version: str
    content: str = "{}"

    def step(self, name: str) -> StepTexts:
        """The step of a name.

        Raises:
            KeyError: there is none.
        """
        return {step.name: step for step in self.steps}[name]


def load_campaigns(home: Home) -> list[Campaign]:
    """Every campaign of the home, by name.

    Raises:
        SettingsError: every problem of every file, one line each: a key that is not right, a template that does not exist or is no
            template, a file whose name does not end in .yaml.
    """
    outreach = load_settings(OutreachSettings, home, "outreach.yaml")
    campaigns, problems = [], []
    for path in sorted((home.config / "campaigns").glob("*.y*ml")):
        try:
            campaigns.append(_load_campaign(home, path, outreach))
        except SettingsError as problem:
            problems.append(str(problem))
    if problems:
        raise SettingsError("\n".join(problems))
    return campaigns


def make_campaign(name: str, settings: CampaignSettings, steps: tuple[StepTexts, ...], outreach: OutreachSettings) -> Campaign:
    """A campaign with its content and version."""
    said = settings.model_dump(mode="json", include={"type", "audience", "mailboxes"})
    said["steps"] = [step.model_dump(mode="json") for step in steps]
    said["outreach"] = _part_of_messages(outreach)
    content = json.dumps(said, sort_keys=True, ensure_ascii=False)
    version = hashlib.sha256(content.encode()).hexdigest()[:16]
    return Campaign(name=name, settings=settings, steps=steps, version=version, content=content)


def _part_of_messages(outreach: OutreachSettings) -> dict[str, object]:
    """What of outreach.yaml somebody reads who gets a message: whoever approves a campaign approves that, too."""
    said: dict[str, object] = outreach.model_dump(mode="json", include={"sender", "unsubscribe_mailbox", "footer", "languages", "public"})
    said["mailboxes"] = [[mailbox.name, mailbox.email, mailbox.from_name] for mailbox in outreach.all_mailboxes]
    said["notice"] = outreach.gate.model_dump(mode="json", include={"notice_text", "country_policy", "unknown_country"})
    return said


def _load_campaign(home: Home, path: Path, outreach: OutreachSettings) -> Campaign:
    if path.suffix != ".yaml":
        raise SettingsError(f"{path}: not read, since its name does not end in .yaml")
    settings = load_file(CampaignSettings, path)
    unknown = sorted(set(settings.mailboxes) - {mailbox.name for mailbox in outreach.all_mailboxes})
    if unknown:
        allowed = ", ".join(mailbox.name for mailbox in outreach.all_mailboxes)
        raise SettingsError(f"{path}: mailboxes: found {unknown[0]!r}; allowed: names of mailboxes in outreach.yaml ({allowed})")
    steps = tuple(
        StepTexts(name=name, delay_days=delay, wordings=tuple(_wordings(home, step, f"{path}: steps.{place}")))
        for place, (name, delay, step) in enumerate(zip(settings.step_names, settings.delays, settings.steps, strict=True))
    )
    return make_campaign(path.stem, settings, steps, outreach)


def _wordings(home: Home, step: Step, where: str) -> list[Wording]:
    """Each variant in the default language, and in those languages in which a variant has texts of its own."""
    base = TextFiles(subject=step.subject or None, body=step.body, html=step.html)
    found: list[tuple[str | None, str | None, float, TextFiles, str]] = [(None, None, 1.0, base, where)] if not step.variants else []
    found += [
        (variant.name, None, variant.share, _laid_over(base, variant), f"{where}.variants.{place}")
        for place, variant in enumerate(step.variants)
    ]
    for language, texts in step.languages.items():
        there = f"{where}.languages.{language}"
        if any(language in variant.languages for variant in step.variants):
            found += [
                (variant.name, language, variant.share, _laid_over(texts, variant.languages.get(language)), there)
                for variant in step.variants
            ]
        else:
            found.append((None, language, 1.0, texts, there))
    return [_read(home, *one) for one in found]


def _laid_over(base: TextFiles, texts: TextFiles | None) -> TextFiles:
    """A body without the HTML of another, and the other way round."""
    if texts is None:
        return base
    has_own = texts.body is not None or texts.html is not None
    subject = base.subject if texts.subject is None else texts.subject
    return TextFiles(subject=subject, body=texts.body if has_own else base.body, html=texts.html if has_own else base.html)


def _read(home: Home, variant: str | None, language: str | None, share: float, texts: TextFiles, where: str) -> Wording:
    subject = texts.subject or ""
    _check_template(f"{where}.subject", subject)
    body = _read_template(home, texts.body, f"{where}.body", MessageTemplate) if texts.body else None
    html = _read_template(home, texts.html, f"{where}.html", HtmlTemplate) if texts.html else None
    return Wording(variant=variant, language=language, share=share, subject=subject, body=body, html=html)


def _read_template(home: Home, name: str, where: str, kind: type[MessageTemplate]) -> str:
    template = (home.config / name).resolve()
    if not template.is_relative_to(home.config.resolve()) or not template.is_file():
        raise SettingsError(f"{where}: found {name!r}; allowed: a file below {home.config}")
    try:
        text = template.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{template}: not UTF-8 text; save it as UTF-8") from None
    _check_template(str(template), text, kind)
    return text


def _check_template(where: str, text: str, kind: type[MessageTemplate] = MessageTemplate) -> None:
    try:
        kind(text)
    except TemplateProblem as problem:
        raise SettingsError(f"{where}: {problem}") from None
