"""`providers/NAME.yaml`: all that there is to say of one provider."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PositiveFloat, PositiveInt, model_validator

from liendea_assets.clients.http import DEADLINE_S, LARGEST_BODY
from liendea_assets.core.settings import Settings
from liendea_assets.enrichment.providers.limit_settings import Limits
from liendea_assets.enrichment.providers.mapping_settings import AnswerMapping, FieldName
from liendea_assets.enrichment.providers.operations import INPUTS, Credits, Input, Operation, TimeToLive
from liendea_assets.enrichment.providers.paths import JmesPath

Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]


def _as_tuple(given: Any) -> Any:
    return (given,) if isinstance(given, int) else tuple(given) if isinstance(given, list) else given


Statuses = Annotated[tuple[Annotated[int, Field(ge=100, le=599)], ...], BeforeValidator(_as_tuple)]

# Which settings each kind of credentials needs.
_AUTH_NEEDS: dict[str, tuple[str, ...]] = {
    "none": (),
    "header": ("name", "secret"),
    "query": ("name", "secret"),
    "basic": ("username", "secret"),
    "bearer": ("secret",),
    "oauth2": ("client_id", "secret", "token_path"),
}


class Auth(Settings):
    """Credentials, by the names of the environment variables that hold them.

    Attributes:
        kind: oauth2 means client credentials: `client_id` and `secret` are exchanged for a token at `token_path`.
        name: of the header or the query's parameter. prefix: stands before the secret in the header.
    """

    kind: Literal["none", "header", "query", "basic", "bearer", "oauth2"]
    name: str | None = Field(default=None, min_length=1)
    prefix: str = ""
    secret: Variable | None = None
    username: Variable | None = None
    client_id: Variable | None = None
    token_path: str | None = Field(default=None, pattern=r"^/")
    scope: str = ""

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that must be set."""
        return tuple(name for name in (self.username, self.client_id, self.secret) if name)

    @model_validator(mode="after")
    def _is_complete(self) -> "Auth":
        needed = _AUTH_NEEDS[self.kind]
        optional = {"header": {"prefix"}, "oauth2": {"scope"}}.get(self.kind, set())
        given = {name for name in type(self).model_fields if name != "kind" and getattr(self, name)}
        if not set(needed) <= given or given - set(needed) - optional:
            raise ValueError(f"for kind {self.kind}: {', '.join(needed) or 'nothing else'}")
        return self


class AnswerRule(Settings):
    """An answer with one of these statuses of which `when` holds, if it is given."""

    status: Statuses
    when: JmesPath | None = None


def _rules(*statuses: int) -> tuple[AnswerRule, ...]:
    return (AnswerRule(status=statuses),)


class AnswerRules(Settings):
    """What an answer says; the first that fits counts, in this order."""

    throttled: tuple[AnswerRule, ...] = _rules(429, 503)
    quota_gone: tuple[AnswerRule, ...] = _rules(402)
    pending: tuple[AnswerRule, ...] = ()
    miss: tuple[AnswerRule, ...] = ()
    hit: tuple[AnswerRule, ...] = _rules(200)
    refused: tuple[AnswerRule, ...] = _rules(401, 403)


class RetryAfter(Settings):
    """Where a throttled answer says how long to wait: seconds, an HTTP date, a time of ISO 8601 or seconds since 1970.

    Attributes:
        default_s: where it says nothing that can be read. quota_s: how long nobody is asked after the quota is gone.
    """

    header: str = "retry-after"
    body: JmesPath | None = None
    default_s: PositiveFloat = 60
    quota_s: PositiveFloat = 3_600


class ProviderSettings(Settings):
    """The file's keys and defaults.

    Attributes:
        base_url: the environment variable with the address; nobody is asked where it is not set.
        disclose: what of a contact may be sent.
        disclose_linkedin_email: whether that may be an e-mail address from a colleague's LinkedIn export.
        concurrency: the most requests at once; one at a time where a window counts people.
        idempotency_header: by which the provider knows a request that it has answered already, and does not charge for it again.
        wanted: whoever has all of these already is not asked about; everybody is where nothing stands here.
        accept_confidence: below it answers are kept, but not used; enrichment.yaml's where nothing is said.
    """

    documentation: str = ""
    base_url: Variable
    auth: Auth
    timeout_s: PositiveFloat = Field(default=DEADLINE_S, le=300)
    largest_answer_bytes: PositiveInt = LARGEST_BODY
    limits: Limits
    concurrency: PositiveInt = Field(default=16, le=64)
    answers: AnswerRules = AnswerRules()
    retry_after: RetryAfter = RetryAfter()
    credits: Credits = Credits()
    idempotency_header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]+$")
    disclose: tuple[Input, ...] = Field(min_length=1)
    disclose_linkedin_email: bool = False
    wanted: tuple[FieldName, ...] = ()
    operations: tuple[Operation, ...] = Field(min_length=1)
    mapping: AnswerMapping
    accept_confidence: float | None = Field(default=None, ge=0, le=1)
    time_to_live: TimeToLive = TimeToLive()

    @model_validator(mode="after")
    def _fits_together(self) -> "ProviderSettings":
        names = [operation.name for operation in self.operations]
        if len(set(names)) < len(names):
            raise ValueError("operations with names of their own")
        if not any(set(needed) <= set(self.disclose) for operation in self.operations for needed in operation.needs):
            raise ValueError(f"in disclose, all that one operation needs; there is {', '.join(INPUTS)}")
        return self
