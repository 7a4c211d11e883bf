"""Industries under one name: `SaaS` and `Computer Software` are Software, which is within Technology."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from liendea_assets.core.settings import Settings, load_file
from liendea_assets.core.text import fold

SHIPPED = Path(__file__).parent / "data" / "industries.yaml"

Name = Annotated[str, Field(min_length=1)]


class Industry(Settings):
    """One industry: its other names, and the wider one that it belongs to."""

    within: Name | None = None
    synonyms: tuple[Name, ...] = ()


class IndustrySettings(Settings):
    """Which industries are one. Without any of it, industries are compared as they are written."""

    use_shipped: bool = False
    industries: dict[Name, Industry] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_a_tree(self) -> Self:
        build_taxonomy(self)
        return self


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Folded names of industries.

    Attributes:
        canonical: folded name or synonym → its industry's folded name.
        within: folded industry → the wider one.
        shown: folded industry → as people write it.
    """

    canonical: Mapping[str, str]
    within: Mapping[str, str]
    shown: Mapping[str, str]

    def one_name(self, industry: str) -> str:
        """The folded name that an industry goes by here; an unknown one goes by its own."""
        folded = fold(industry)
        return self.canonical.get(folded, folded)

    def names(self, industry: str) -> list[str]:
        """The industry and the wider ones, the nearest first; folded."""
        names = [self.one_name(industry)]
        while names[-1] in self.within:
            names.append(self.within[names[-1]])
        return names


def build_taxonomy(settings: IndustrySettings) -> Taxonomy:
    """The shipped industries where they are used, overruled by those of the settings.

    Raises:
        ValueError: a name of two industries of the settings, or a wider one that there is not or that leads back.
    """
    canonical: dict[str, str] = {}
    within: dict[str, str] = {}
    shown: dict[str, str] = {}
    own_names: dict[str, str] = {}
    for is_own, industries in ((False, _shipped() if settings.use_shipped else {}), (True, settings.industries)):
        for name, industry in industries.items():
            folded = fold(name)
            shown[folded] = name
            for other in (name, *industry.synonyms):
                if is_own and own_names.setdefault(fold(other), folded) != folded:
                    raise ValueError(
                        f"each name under one industry only ({other!r} stands under {shown[own_names[fold(other)]]!r} and {name!r})"
                    )
                canonical[fold(other)] = folded
            if industry.within is not None:
                within[folded] = fold(industry.within)
    within = {name: canonical.get(wider, wider) for name, wider in within.items()}
    for name in within:
        seen, wider = {name}, within.get(name)
        while wider is not None:
            if wider not in shown:
                raise ValueError(f"a wider industry that there is ({shown[name]!r} is within {wider!r})")
            if wider in seen:
                raise ValueError(f"no industry within itself ({shown[name]!r})")
            seen.add(wider)
            wider = within.get(wider)
    return Taxonomy(canonical, within, shown)


@cache
def _shipped() -> dict[str, Industry]:
    return load_file(IndustrySettings, SHIPPED).industries
