"""The Reach contact database behind HTTP: look up one person, or up to 25 at once.

Contract: docs/reach-openapi.yaml. Every attempt, retries too, takes a slot of the limiter and is in the ledger.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from liendea_assets.clients.attempts import LimitedCalls
from liendea_assets.clients.http import Answer, HttpClient
from liendea_assets.clients.rate_limit import OnWait, RateLimiter
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import RejectedAnswer, SettingsError

SERVICE = "reach"
LARGEST_BATCH = 25
# What SQLite holds.
LARGEST_INTEGER = 2**63 - 1

# What other web servers say to a request that they do not know. Taken for answers about people, a wrong base URL would record
# everybody as not found, for a month.
_NOT_REACH = frozenset({301, 302, 303, 307, 308, 404, 405, 501})


class _Wire(BaseModel):
    # a server may add fields; wrong types are errors
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, hide_input_in_errors=True, allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _refuse_half_characters(cls, value: object) -> object:
        # "\ud800" is proper JSON and no text: the database cannot store it, and the batch would fail in every run
        if isinstance(value, str):
            value.encode()
        return value


class Person(_Wire):
    """A person of the contract."""

    reach_id: str = Field(min_length=1)
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    work_email: str | None = None
    work_phone: str | None = None
    mobile_phone: str | None = None
    linkedin_url: str | None = None
    country: str | None = None
    time_zone: str | None = None


class Company(_Wire):
    """A company of the contract; `growth_rate` is a fraction a year."""

    name: str
    domain: str | None = None
    industry: str | None = None
    employee_count: int | None = Field(default=None, ge=0, le=LARGEST_INTEGER)
    revenue_range: str | None = None
    growth_rate: float | None = None


class Match(_Wire):
    """An answer about one person, with the server's confidence (0–1)."""

    confidence: float = Field(ge=0, le=1)
    person: Person
    company: Company | None = None


class ReachClient:
    """Look-ups within the limits.

    Args:
        windows: see `RateLimiter`.
        max_wait_s: how long a look-up waits for a slot before it raises `LimitReached`.
        on_wait: told the seconds left while it waits.
    """

    def __init__(self, http: HttpClient, limiter: RateLimiter, clock: Clock, max_wait_s: float, on_wait: OnWait | None = None) -> None:
        self._http = http
        self._calls = LimitedCalls(SERVICE, limiter, clock, max_wait_s, on_wait)

    def match(self, query: Mapping[str, str]) -> Match | None:
        """The best match for one person; None is a miss.

        Raises:
            RejectedAnswer: an answer that breaks the contract, or a query that the server refuses.
            ServiceUnavailable, LimitReached: try again later.
            SettingsError: the token is refused, or the server is another one than Reach.
        """
        answer = self._call("match", lambda: self._http.request("GET", "/v1/people/match", params=query), misses=True)
        if answer.status == 404:
            _check_is_problem(answer)
            return None
        return _parse_match(answer.json())

    def match_batch(self, queries: Sequence[Mapping[str, str]]) -> dict[str, Match | RejectedAnswer]:
        """The matches by `ref`; who is not found is left out, a match that breaks the contract is a `RejectedAnswer`.

        Args:
            queries: at most 25, each with its own `ref`.

        Raises: as `match`.
        """
        if not 1 <= len(queries) <= LARGEST_BATCH:
            raise ValueError(f"a batch has 1 to {LARGEST_BATCH} people, not {len(queries)}")
        body = {"people": [dict(query) for query in queries]}
        answer = self._call("match_batch", lambda: self._http.request("POST", "/v1/people/match:batch", json_body=body), misses=False)
        content = answer.json()
        if not isinstance(content, dict) or not isinstance(content.get("matches"), list):
            raise RejectedAnswer("reach: the answer to a batch has no list of matches")
        asked = {query["ref"] for query in queries}
        return dict(_parse_batch(content["matches"], asked))

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _call(self, action: str, send: Callable[[], Answer], *, misses: bool) -> Answer:
        return _usable(self._calls.call(action, send, longest_s=self._http.deadline_s, good=(200, 404)), misses=misses)


def _usable(answer: Answer, *, misses: bool) -> Answer:
    if answer.status == 200 or (misses and answer.status == 404):
        return answer
    if answer.status in (401, 403):
        raise SettingsError(f"reach: the server refuses the token (status {answer.status}); check REACH_API_TOKEN")
    if answer.status in _NOT_REACH:
        raise _not_reach(answer)
    raise RejectedAnswer(f"reach: unexpected status {answer.status}")


def _check_is_problem(answer: Answer) -> None:
    """A miss is told in the contract's own form; any other web server's 404 is no miss."""
    try:
        content = answer.json()
    except RejectedAnswer:
        content = None
    if not isinstance(content, dict) or "code" not in content:
        raise _not_reach(answer)


def _not_reach(answer: Answer) -> SettingsError:
    return SettingsError(f"reach: the server does not speak the contract (status {answer.status}); check REACH_BASE_URL")


def _parse_match(content: Any) -> Match:
    try:
        return Match.model_validate(content)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, detail["loc"])) for detail in error.errors(include_input=False)}))
        raise RejectedAnswer(f"reach: the answer breaks the contract in {fields}") from None


def _parse_batch(matches: list[Any], asked: set[str]) -> Iterator[tuple[str, Match | RejectedAnswer]]:
    for item in matches:
        ref = item.get("ref") if isinstance(item, dict) else None
        if isinstance(ref, str) and ref in asked:
            try:
                yield ref, _parse_match(item)
            except RejectedAnswer as problem:
                yield ref, problem
