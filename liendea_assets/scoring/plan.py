"""The whole profile as components: the five of the plan's keys first, then those of `components`."""

from collections.abc import Set
from dataclasses import dataclass

from liendea_assets.core.text import fold
from liendea_assets.scoring.fields import FIELDS, Vocabulary
from liendea_assets.scoring.rule_settings import Band, Component, RuleSettings, Scale, ValueList
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.taxonomy import build_taxonomy

# what titles are read by; `titles` is titles.yaml
_TITLES = ("decision_maker_titles", "influencer_titles", "titles")
# Part of the plan → the keys of icp_scoring.yaml that it looks at.
_KEYS = {
    "company_size": ("target_employee_range", "acceptable_employee_range", "weights.company_size"),
    "industry": ("target_industries", "secondary_industries", "weights.industry", "industry_taxonomy"),
    "title": (*_TITLES, "weights.title"),
    "growth": ("weights.growth",),
    "connection_strength": ("weights.connection_strength",),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What scoring works with."""

    components: tuple[Component, ...]
    vocabulary: Vocabulary

    def fields(self) -> list[str]:
        """The fields that rules look at, each once."""
        return list(dict.fromkeys(rule.field for component in self.components for rule in component.rules))


def profile_of(settings: ScoringSettings) -> Profile:
    """The profile that settings describe."""
    plan = _plan_components(settings)
    if settings.components:
        largest = settings.weights.largest()
        plan = [component for component in plan if largest[component.name]]
    vocabulary = Vocabulary(
        build_taxonomy(settings.industry_taxonomy), settings.decision_maker_titles, settings.influencer_titles, settings.titles
    )
    return Profile((*plan, *settings.components), vocabulary)


def keys_of_part(part: str, settings: ScoringSettings) -> tuple[str, ...]:
    """The keys of icp_scoring.yaml that a part depends on, as `changes.changed_keys` spells them."""
    if part in _KEYS:
        return _KEYS[part]
    if part == "disqualified":
        return ("disqualifiers", *_keys_of_fields({disqualifier.field for disqualifier in settings.disqualifiers}))
    name = part.partition(".")[0]
    component = next((component for component in settings.components if component.name == name), None)
    fields = frozenset(rule.field for rule in component.rules) if component else frozenset[str]()
    return (f"components.{name}", *_keys_of_fields(fields))


def _keys_of_fields(fields: Set[str]) -> list[str]:
    """By which keys the values of these fields are read."""
    keys = ["industry_taxonomy"] if fields & {"industry", "gtm_segment"} else []
    keys += [*_TITLES] if fields & {"title", "function"} else []
    return keys + (["segments"] if "gtm_segment" in fields else [])


def part_names(component: Component) -> list[str]:
    """A part's name for each rule of a component: the component's own where it has one rule."""
    if len(component.rules) == 1:
        return [component.name]
    names: list[str] = []
    for rule in component.rules:
        name = f"{component.name}.{rule.field}"
        names.append(name if name not in names else f"{name}.{len(names) + 1}")
    return names


def part_labels(component: Component) -> list[str]:
    """As `part_names`, for people."""
    fields = [FIELDS[rule.field].label for rule in component.rules]
    if component.label is None:
        return fields
    return [component.label] if len(fields) == 1 else [f"{component.label}: {field}" for field in fields]


def _plan_components(settings: ScoringSettings) -> list[Component]:
    weights, target, acceptable = settings.weights, settings.target_employee_range, settings.acceptable_employee_range
    sizes = [
        Band(min=size.min, max=size.max, points=points, words=f"within the {word} range {size.min}–{size.max}")
        for size, points, word in (
            (target, weights.company_size.target, "target"),
            (acceptable, weights.company_size.acceptable, "acceptable"),
        )
    ]
    # an acceptable range within the target range, and a secondary industry that is a target too, never count
    sizes = sizes[:1] if sizes[0].covers(sizes[1]) else sizes
    targets = {fold(name) for name in settings.target_industries}
    secondary = tuple(name for name in settings.secondary_industries if fold(name) not in targets)
    industries = [
        ValueList(any_of=names, points=points, words=words)
        for names, points, words in (
            (settings.target_industries, weights.industry.target, "a target industry"),
            (secondary, weights.industry.secondary, "a secondary industry"),
        )
        if names
    ]
    levels = [
        ValueList(any_of=("decision_maker",), points=weights.title.decision_maker, words="a decision maker"),
        ValueList(any_of=("influencer",), points=weights.title.influencer, words="an influencer"),
    ]
    lines = sorted(weights.growth, key=lambda line: -line.above)
    growth = [Band(above=line.above, points=line.points, words=f"growth above {line.above * 100:g} %") for line in lines]
    slow = f"growth of {lines[-1].above * 100:g} % or less" if lines else "growth does not count"
    scale = Scale(end=10, points=weights.connection_strength, words="strongest tie of a colleague, of 10")
    rules = {
        "company_size": RuleSettings(field="employee_count", bands=tuple(sizes), otherwise_words="outside both ranges"),
        "industry": RuleSettings(field="industry", values=tuple(industries), otherwise_words="neither a target nor a secondary industry"),
        "title": RuleSettings(field="title", values=tuple(levels), otherwise_words="neither a decision maker nor an influencer"),
        "growth": RuleSettings(field="growth_rate", bands=tuple(growth), otherwise_words=slow),
        "connection_strength": RuleSettings(field="connection_strength", scale=scale),
    }
    return [
        Component(name=name, group="relationship" if name == "connection_strength" else "fit", rules=(rule,))
        for name, rule in rules.items()
    ]
