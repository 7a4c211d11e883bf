"""Filling requests: `{email}` becomes what is known, and what needs something unknown is left out."""

from collections.abc import Mapping
from urllib.parse import quote

from liendea_assets.enrichment.providers.operations import PLACEHOLDER


class _Absent:
    """Stands for what is left out."""


_ABSENT = _Absent()


def fill_path(path: str, known: Mapping[str, str]) -> str:
    """A path with its placeholders filled; nothing filled in can lead to another path."""
    return PLACEHOLDER.sub(lambda match: quote(known[match.group(1)], safe=""), path)


def fill_query(query: Mapping[str, str | bool | int], known: Mapping[str, str]) -> dict[str, str]:
    """Parameters, all of which are text in a URL."""
    filled = {name: _fill(value, known) for name, value in query.items()}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in filled.items() if value is not _ABSENT}


def fill_object(template: Mapping[str, object], known: Mapping[str, str]) -> dict[str, object]:
    """An object of a JSON body."""
    filled = _fill(dict(template), known)
    return filled if isinstance(filled, dict) else {}


def _fill(template: object, known: Mapping[str, str]) -> object:
    if isinstance(template, str):
        if not all(_first_known(names, known) for names in PLACEHOLDER.findall(template)):
            return _ABSENT
        # one pass: what is filled in may itself look like a placeholder
        return PLACEHOLDER.sub(lambda match: _first_known(match.group(1), known), template)
    if isinstance(template, dict):
        members = {name: _fill(value, known) for name, value in template.items()}
        kept = {name: value for name, value in members.items() if value is not _ABSENT}
        return kept if kept or not template else _ABSENT
    if isinstance(template, list):
        items = [item for item in (_fill(value, known) for value in template) if item is not _ABSENT]
        return items if items or not template else _ABSENT
    return template


def _first_known(names: str, known: Mapping[str, str]) -> str:
    return next((known[name] for name in names.split("|") if known.get(name)), "")
