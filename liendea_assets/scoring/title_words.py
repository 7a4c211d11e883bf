"""The words that titles are read by: those that ship with the product, and what config/titles.yaml of a home adds or takes away."""

from collections.abc import Set
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import Settings, config_version, load_file, load_settings
from liendea_assets.core.text import fold
from liendea_assets.core.yaml_lines import read_yaml

SHIPPED = Path(__file__).parent / "data" / "titles.yaml"
HOME_FILE = "titles.yaml"

Kind = Literal["rank", "occupation", "craft", "servant", "student", "seeking", "aside", "no_role", "skipped"]
Level = Literal["decision_maker", "influencer"]


class TitleRole(Settings):
    """A role and what it is called in each language; what the keys mean is said in data/titles.yaml."""

    kind: Kind | None = None
    level: Level | None = None
    function: str | None = None
    under: str | None = None
    fixed: bool | None = None
    holder: bool | None = None
    deputies: bool | None = None
    lifts: bool | None = None
    serving: bool | None = None
    whole: bool | None = None
    except_in: tuple[str, ...] | None = None
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class TitleGrammar(Settings):
    """Words that are no roles and say how the others stand to each other."""

    not_in_office: tuple[str, ...] = ()
    not_in_office_adjacent: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    not_in_office_prefixes: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    prepositions: tuple[str, ...] = ()
    company_prepositions: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()


class TitleWords(Settings):
    """The shipped file, a home's file, or both together.

    Attributes:
        functions: words by function; each is one that titles may have.
        without: phrases of the shipped file that do not count here.
    """

    roles: dict[str, TitleRole] = Field(default_factory=dict)
    functions: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    grammar: TitleGrammar = TitleGrammar()
    feminine: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    heads_last: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@cache
def shipped_title_words() -> TitleWords:
    """What the product ships."""
    return load_file(TitleWords, SHIPPED)


def load_title_words(home: Home, candidate: Path | None = None) -> TitleWords:
    """What config/titles.yaml of the home, or another file in its place, says by itself.

    Raises:
        SettingsError: one line for each problem, with file, line and key.
    """
    own = load_file(TitleWords, candidate) if candidate else load_settings(TitleWords, home, HOME_FILE)
    path = candidate or home.config / HOME_FILE
    problems = _problems(own, path) if path.is_file() else []
    if problems:
        raise SettingsError("\n".join(problems))
    return own


def join_title_words(own: TitleWords) -> TitleWords:
    """The shipped words with others: where both have a phrase, theirs counts."""
    shipped = shipped_title_words()
    taken = {fold(word) for word in own.without}
    role_words = taken | {fold(word) for role in own.roles.values() for words in role.words.values() for word in words}
    function_words = taken | {fold(word) for words in own.functions.values() for word in words}
    roles = {name: _with(role, own.roles.get(name, TitleRole()), role_words) for name, role in shipped.roles.items()}
    return TitleWords(
        roles={name: _new(role) for name, role in own.roles.items() if name not in roles} | roles,
        functions={
            name: (*own.functions.get(name, ()), *_left(shipped.functions.get(name, ()), function_words))
            for name in [*shipped.functions, *own.functions]
        },
        grammar=TitleGrammar(
            **{name: (*getattr(own.grammar, name), *_left(getattr(shipped.grammar, name), taken)) for name in TitleGrammar.model_fields}
        ),
        feminine=shipped.feminine | own.feminine,
        heads_last=(*own.heads_last, *shipped.heads_last),
        without=own.without,
    )


def titles_version(words: TitleWords) -> str:
    """Hash of words; comments and the order of keys do not count."""
    return config_version(words)


def _with(shipped: TitleRole, own: TitleRole, taken: Set[str]) -> TitleRole:
    """A shipped role with what a home says of it, without the words that the home says elsewhere."""
    said = {name: value for name, value in own if name != "words" and value is not None}
    words = {
        language: (*own.words.get(language, ()), *_left(shipped.words.get(language, ()), taken))
        for language in [*shipped.words, *own.words]
    }
    return shipped.model_copy(update=said | {"words": words})


def _new(role: TitleRole) -> TitleRole:
    return role if role.kind else role.model_copy(update={"kind": "rank"})


def _left(words: tuple[str, ...], taken: Set[str]) -> tuple[str, ...]:
    return tuple(word for word in words if fold(word) not in taken) if taken else words


def _problems(own: TitleWords, path: Path) -> list[str]:
    """What the keys say of each other, which no field can see by itself."""
    shipped = shipped_title_words()
    _, lines = read_yaml(path)
    known = {*shipped.functions, *own.functions}
    found = []
    for name, role in own.roles.items():
        where = f"{path}:{lines.line_of(('roles', name))}: roles.{name}"
        if name not in shipped.roles and role.kind in (None, "rank") and role.level is None:
            found.append(f"{where}: found no level; allowed: decision_maker or influencer, for a role that is not among the shipped ones")
        if role.function is not None and role.function not in known:
            found.append(f"{where}.function: found {role.function!r}; allowed: {', '.join(sorted(known))}, or a new key of functions")
        if role.under is not None and role.under not in {*shipped.roles, *own.roles}:
            found.append(f"{where}.under: found {role.under!r}; allowed: the name of a role")
    return found
