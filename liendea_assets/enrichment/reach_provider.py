"""Reach as a provider: queries to the contract's parameters, matches to answers."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Protocol

from liendea_assets.clients.reach import Match
from liendea_assets.core.errors import RejectedAnswer
from liendea_assets.enrichment.provider import PersonQuery, ProviderAnswer
from liendea_assets.imports.domains import parse_domain
from liendea_assets.imports.emails import parse_email
from liendea_assets.imports.values import clean_text

_PARSERS = {"work_email": parse_email, "company_domain": parse_domain}


class ReachLookup(Protocol):
    """The two calls of `clients.reach.ReachClient`."""

    def match(self, query: Mapping[str, str]) -> Match | None:
        """One person; None is a miss."""
        ...

    def match_batch(self, queries: Sequence[Mapping[str, str]]) -> dict[str, Match | RejectedAnswer]:
        """Several people by `ref`."""
        ...


class ReachProvider:
    """Asks in batches; a single person by the single look-up."""

    name = "reach"

    def __init__(self, client: ReachLookup) -> None:
        self._client = client

    def look_up(self, queries: Sequence[PersonQuery]) -> list[ProviderAnswer]:
        """See `Provider.look_up`."""
        if len(queries) == 1:
            return [_answer(queries[0].contact_id, self._match_one(queries[0]))]
        found = self._client.match_batch([{"ref": str(query.contact_id), **_parameters(query)} for query in queries])
        return [_answer(query.contact_id, found.get(str(query.contact_id))) for query in queries]

    def _match_one(self, query: PersonQuery) -> Match | RejectedAnswer | None:
        try:
            return self._client.match(_parameters(query))
        except RejectedAnswer as problem:
            return problem


def _parameters(query: PersonQuery) -> dict[str, str]:
    known = asdict(query)
    del known["contact_id"]
    return {name: value for name, value in known.items() if value}


def _answer(contact_id: int, found: Match | RejectedAnswer | None) -> ProviderAnswer:
    if found is None:
        return ProviderAnswer(contact_id, "miss")
    if isinstance(found, RejectedAnswer):
        return ProviderAnswer(contact_id, "rejected", reason=str(found))
    person = found.person.model_dump(exclude={"full_name", "first_name", "last_name"})
    company = found.company.model_dump() if found.company else {}
    renamed = {"name": "company_name", "domain": "company_domain"}
    values = {**person, **{renamed.get(name, name): value for name, value in company.items()}}
    return ProviderAnswer(contact_id, "hit", found.confidence, _known(values))


def _known(values: Mapping[str, object]) -> dict[str, object]:
    """The values that say something, read as those of files are; what cannot be read must not hide what another source knows."""
    known: dict[str, object] = {}
    for name, value in values.items():
        text = clean_text(value) if isinstance(value, str) else value
        with suppress(ValueError):
            known[name] = _PARSERS[name](text) if isinstance(text, str) and name in _PARSERS else text
    return {name: value for name, value in known.items() if value is not None}
