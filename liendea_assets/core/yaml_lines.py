"""YAML with line numbers, so that an error can point at its line. Duplicate keys and aliases are refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from liendea_assets.core.errors import SettingsError

# The same reader; the one in C takes a tenth of the time.
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_TEXT_TAG = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Lines:
    """Line of each key of a YAML file, by its path of keys and list positions."""

    by_location: dict[tuple[str | int, ...], int]

    def line_of(self, location: tuple[str | int, ...]) -> int:
        """The line of a location, or of its nearest parent that the file holds."""
        while location and location not in self.by_location:
            location = location[:-1]
        return self.by_location.get(location, 1)


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """The content of a YAML file, an empty file being an empty mapping.

    Raises:
        SettingsError: not readable as UTF-8, not YAML, or with a duplicate key or an alias.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent):
                raise SettingsError(
                    f"{path}:{event.start_mark.line + 1 if event.start_mark else 1}: aliases (*{event.anchor}) are not allowed"
                )
        node = yaml.compose(text, Loader=_LOADER)
        by_location: dict[tuple[str | int, ...], int] = {(): 1}
        if node is not None:
            _collect(path, node, (), by_location)
        content = yaml.load(text, Loader=_LOADER)  # noqa: S506 a safe loader, in C where it is there
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise _not_yaml(path, text, error) from None
    return ({} if content is None else content), Lines(by_location)


def _not_yaml(path: Path, text: str, error: yaml.YAMLError) -> SettingsError:
    """The reader in Python says what it found; the one in C only that something was not as it should be."""
    try:
        yaml.safe_load(text)
    except yaml.YAMLError as in_words:
        error = in_words
    mark = getattr(error, "problem_mark", None)
    return SettingsError(f"{path}:{mark.line + 1 if mark else 1}: not valid YAML: {getattr(error, 'problem', error)}")


def _collect(path: Path, node: yaml.Node, location: tuple[str | int, ...], found: dict[tuple[str | int, ...], int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            inner = (*location, str(key_node.value))
            line = key_node.start_mark.line + 1
            if key_node.tag != _TEXT_TAG:
                # NO would be read as false, and go unnoticed as the key "false"
                raise SettingsError(f"{path}:{line}: key {_shown(key_node)} is not text but {_kind(key_node)}; put it in quotes")
            if inner in found:
                raise SettingsError(f"{path}:{line}: key {key_node.value!r} stands twice (first on line {found[inner]})")
            found[inner] = line
            _collect(path, value_node, inner, found)
    elif isinstance(node, yaml.SequenceNode):
        for position, value_node in enumerate(node.value):
            found[(*location, position)] = value_node.start_mark.line + 1
            _collect(path, value_node, (*location, position), found)
    else:
        try:
            yaml.SafeLoader("").construct_object(node)
        except (ValueError, AttributeError):
            # YAML reads 2026-02-30 as a date that does not exist
            raise SettingsError(f"{path}:{node.start_mark.line + 1}: {node.value!r} is no {_kind(node)}") from None


def _shown(key_node: yaml.Node) -> str:
    return str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "that is a list or a mapping"


def _kind(node: yaml.Node) -> str:
    return node.tag.rpartition(":")[2]
