"""Which of a step's wordings somebody gets: the language by their country, the variant by a keyed hash that gives each its share."""

from collections.abc import Sequence

from liendea_assets.core.keyed_hash import keyed_hash
from liendea_assets.outreach.campaigns import StepTexts, Wording
from liendea_assets.outreach.settings import LanguageSettings

_RANGE = 1 << 128


def choose_wording(
    campaign: str,
    step: StepTexts,
    contact_id: object,
    country: str | None,
    languages: LanguageSettings,
    key: bytes,
    variant: str | None = None,
    language: str | None = None,
) -> Wording:
    """The wording for one person, the same one every time. Whom each variant goes to depends on the campaign, the step and the person
    alone, so that neither the order of the queue nor another variant's luck decides.

    Args:
        variant, language: taken where the step has them, instead of a choice.
    """
    wanted = language or languages.by_country.get(country or "", languages.default)
    known = {wording.language for wording in step.wordings}
    # None is the default language
    spoken = wanted if wanted in known else None
    offered = [wording for wording in step.wordings if wording.language == spoken]
    chosen = next((wording for wording in offered if variant is not None and wording.variant == variant), None)
    return chosen or _draw(offered, keyed_hash(key, "variant", f"{campaign}/{step.name}/{contact_id}"))


def _draw(offered: Sequence[Wording], digest: str) -> Wording:
    place = int(digest, 16) / _RANGE * sum(wording.share for wording in offered)
    for wording in offered:
        place -= wording.share
        if place < 0:
            return wording
    return offered[-1]
