"""Reading `config/*.yaml` of a home. Each stage declares its own models in its settings.py."""

import hashlib
import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home, default_config
from liendea_assets.core.yaml_lines import Lines, read_yaml


class Settings(BaseModel):
    """Base of every config model: frozen, an unknown key is an error, and a number is finite (YAML has .nan and .inf)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, allow_inf_nan=False)


S = TypeVar("S", bound=Settings)


def load_settings(model: type[S], home: Home, name: str) -> S:
    """`config/<name>` of the home as a model; the shipped default where the home has no such file.

    Raises:
        SettingsError: one line for each problem: file, line, key, what was found, what is allowed.
    """
    path = home.config / name
    return load_file(model, path if path.is_file() else default_config() / name)


def load_file(model: type[S], path: Path) -> S:
    """A config file as a model. Raises `SettingsError` as `load_settings` does."""
    content, lines = read_yaml(path)
    try:
        # as JSON: strict, and still a list may be a tuple and a text a date
        return model.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        problems = [_explain(model, path, lines, dict(detail)) for detail in error.errors(include_url=False)]
        raise SettingsError("\n".join(problems)) from None


def config_version(settings: Settings) -> str:
    """Hash of what the config says; comments, key order and spelled-out defaults do not count."""
    canonical = json.dumps(settings.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _explain(model: type[Settings], path: Path, lines: Lines, detail: Mapping[str, Any]) -> str:
    location: tuple[str | int, ...] = tuple(detail["loc"])
    key = ".".join(str(part) for part in location) or "(whole file)"
    where = f"{path}:{lines.line_of(location)}: {key}"
    if detail["type"] == "extra_forbidden":
        allowed = _allowed_keys(model, location[:-1])
        close = get_close_matches(str(location[-1]), allowed, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        return f"{where}: unknown key{hint}; allowed here: {', '.join(allowed) or 'none'}"
    found = "nothing" if detail["type"] == "missing" else f"{detail['input']!r}"
    return f"{where}: found {found}; allowed: {_allowed_value(str(detail['msg']))}"


def _allowed_value(message: str) -> str:
    for prefix in ("Input should be ", "Value error, "):
        message = message.removeprefix(prefix)
    return message


def _allowed_keys(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """Field names of the nested model at a location of the file."""
    for part in location:
        field = model.model_fields.get(str(part))
        nested = _model_within(field.annotation) if field else None
        if nested is None:
            # a key of a mapping or an index of a list: its model is the one already held
            continue
        model = nested
    return list(model.model_fields)


def _model_within(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        nested = _model_within(argument)
        if nested is not None:
            return nested
    return None
