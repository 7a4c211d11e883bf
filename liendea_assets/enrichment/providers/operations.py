"""Settings of a provider's operations: which request finds somebody, alone, in a batch or as a job, and what the answer means."""

import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from liendea_assets.core.settings import Settings
from liendea_assets.enrichment.providers.limit_settings import Limits
from liendea_assets.enrichment.providers.mapping_settings import AnswerMapping, FieldName
from liendea_assets.enrichment.providers.paths import JmesPath

# What may be known of a contact and disclosed; linkedin_id is the end of linkedin_url.
Input = Literal["reach_id", "email", "linkedin_url", "linkedin_id", "first_name", "last_name", "company", "domain"]
INPUTS: tuple[str, ...] = ("reach_id", "email", "linkedin_url", "linkedin_id", "first_name", "last_name", "company", "domain")
# {email}, or {domain|company} for the first of them that is known
PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\|[a-z_]+)*)\}")


class Request(Settings):
    """A request; `{email}` stands for an input, `{domain|company}` for the first that is known. What needs more than is known is left out.

    Attributes:
        body: sent as JSON where it is given.
    """

    method: Literal["GET", "POST"] = "GET"
    path: str = Field(pattern=r"^/[^?#\s]*$")
    query: dict[str, str | bool | int] = Field(default_factory=dict)
    body: dict[str, Any] | None = None


class Correlation(Settings):
    """How an answer of a batch is matched with who was asked about.

    Attributes:
        by: reference: `{ref}` was sent and stands at `path`; field: the input that was sent stands at `path`; order: same position.
    """

    by: Literal["reference", "field", "order"]
    path: JmesPath | None = None
    input: Input | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> "Correlation":
        if (self.path is None) != (self.by == "order") or (self.input is None) != (self.by != "field"):
            raise ValueError("by: order alone; by: reference with path; by: field with path and input")
        return self


class Batch(Request):
    """A request about several people.

    Attributes:
        envelope: key of the body under which the people stand.
        item: one person there.
        answers: where the list of answers stands.
        item_as: makes an answer of a batch look like one to a single request, so that one mapping does for both.
        hit_if, miss_if: which of the answers (as they came) tell of somebody, and which tell that nobody was found.
    """

    method: Literal["GET", "POST"] = "POST"
    size: int = Field(ge=1, le=1_000)
    envelope: str = Field(min_length=1)
    item: dict[str, Any]
    answers: JmesPath = "@"
    item_as: JmesPath | None = None
    hit_if: JmesPath | None = None
    miss_if: JmesPath | None = None
    correlate: Correlation

    @model_validator(mode="after")
    def _sends_references(self) -> "Batch":
        if self.correlate.by == "reference" and "ref" not in set(_placeholders(self.item)):
            raise ValueError('an item that holds "{ref}", since answers are correlated by it')
        return self


class Job(Settings):
    """What was submitted is worked on by the provider, and asked for until it is done.

    Attributes:
        reference: where the answer to the submission holds the job's id, which `poll.path` names as `{job}`.
        failed_if: which answer to a poll says that the job came to nothing.
    """

    reference: JmesPath
    poll: Request
    interval_s: PositiveFloat = 30
    deadline_s: PositiveFloat = 3_600
    failed_if: JmesPath | None = None

    @field_validator("poll")
    @classmethod
    def _names_the_job(cls, poll: Request) -> Request:
        if "{job}" not in poll.path:
            raise ValueError('a path that holds "{job}"')
        return poll


class Operation(Settings):
    """One way to ask about somebody.

    Attributes:
        needs: sets of inputs; one of them must be known.
        request: about one person. batch: about several.
        mapping, limits: where they differ from the provider's.
        verifies_email: it tells whether an address works; not used where somebody has said so, and where it does not work the
            operations after it are used as well.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    needs: tuple[tuple[Input, ...], ...] = Field(min_length=1)
    request: Request | None = None
    batch: Batch | None = None
    job: Job | None = None
    mapping: AnswerMapping | None = None
    limits: Limits | None = None
    verifies_email: bool = False

    @property
    def batch_size(self) -> int:
        """The most people in one request."""
        return self.batch.size if self.batch else 1

    @model_validator(mode="after")
    def _is_possible(self) -> "Operation":
        if self.request is None and self.batch is None:
            raise ValueError("request, batch, or both")
        if self.job and self.batch and self.batch.correlate.by == "field":
            raise ValueError("correlate by reference or by order: a job outlives the run, and what was sent is not kept")
        allowed = set(INPUTS)
        for where, template, more in self._templates():
            unknown = set(_placeholders(template)) - allowed - more
            if unknown:
                raise ValueError(f"in {where}: {', '.join(f'{{{name}}}' for name in (*INPUTS, *sorted(more)))}, not {sorted(unknown)}")
        return self

    def _templates(self) -> Iterator[tuple[str, object, set[str]]]:
        if self.request:
            yield "request", [self.request.query, self.request.body], set()
        if self.batch:
            yield "batch", [self.batch.item], {"ref"}
        if self.job:
            yield "job.poll", [self.job.poll.path, self.job.poll.query], {"job"}


class Credits(Settings):
    """What an answer costs.

    Attributes:
        per: each match, or each request whatever its answer (then shared among who was asked about).
        read_header, read_path: where an answer itself says what it cost; `amount` counts where it does not.
    """

    per: Literal["match", "request"] = "match"
    amount: float = Field(default=1.0, ge=0)
    read_header: str | None = None
    read_path: JmesPath | None = None


class TimeToLive(Settings):
    """Days after which somebody is asked about again; enrichment.yaml's where nothing is said.

    Attributes:
        fields: a hit is good for as long as the shortest-lived of the values that it gave.
    """

    hit_days: PositiveInt | None = None
    miss_days: PositiveInt | None = None
    fields: dict[FieldName, PositiveInt] = Field(default_factory=dict)


def _placeholders(template: object) -> Iterator[str]:
    if isinstance(template, str):
        for names in PLACEHOLDER.findall(template):
            yield from names.split("|")
    elif isinstance(template, dict):
        for value in template.values():
            yield from _placeholders(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from _placeholders(value)
