"""One request to a provider, within its limits, with its credentials, and what its answer says."""

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass

from liendea_assets.clients.attempts import LimitedCalls
from liendea_assets.clients.http import Answer, HttpClient, NoAnswer
from liendea_assets.clients.rate_limit import OnWait, RateLimiter
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import QuotaGone, RejectedAnswer, SettingsError
from liendea_assets.enrichment.providers.auth import Credentials
from liendea_assets.enrichment.providers.limit_settings import Limits
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets.enrichment.providers.verdicts import Verdict, hash_answer, judge, wait_s

# Slots of windows that count people are rows of their own in the ledger, beside the attempt's.
ENTITIES = "{key} entities"
_NEVER_SENT = frozenset({"ConnectError", "ConnectTimeout"})
# What a gateway says as well when the server behind it has taken the request.
_UNSETTLED = frozenset({408, 500, 502, 504})


@dataclass(frozen=True, slots=True)
class Filled:
    """A request that is ready to be sent.

    Attributes:
        about: how many people it is about.
        may_miss: whether the answer as a whole may say that nobody was found.
        is_repeatable: False where sending it twice would do something twice.
    """

    action: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, object] | None
    about: int = 1
    may_miss: bool = True
    is_repeatable: bool = True


class ProviderCalls:
    """The way to one provider.

    Args:
        secrets: environment variable → value, of those that the credentials name.
        max_wait_s: how long a request waits for a slot before it raises `LimitReached`.
        on_wait: told the seconds left while it waits.

    Raises:
        SettingsError: an address or a secret that cannot be used.
    """

    def __init__(
        self,
        name: str,
        settings: ProviderSettings,
        base_url: str,
        secrets: Mapping[str, str],
        limiter: RateLimiter,
        clock: Clock,
        max_wait_s: float,
        on_wait: OnWait | None = None,
    ) -> None:
        self._name = name
        self._settings = settings
        self._base_url = base_url
        self._limiter = limiter
        self._clock = clock
        self._max_wait_s = max_wait_s
        self._on_wait = on_wait
        self._credentials = Credentials(name, settings.auth, secrets, self._send_form, clock)
        self._headers: dict[str, str] = {}
        self._http = self._connect({} if settings.auth.kind == "oauth2" else self._credentials.headers())

    def ask(self, request: Filled, limits: Limits) -> tuple[Answer, Verdict]:
        """The answer, which is a hit, a miss or pending; a refused token is renewed once.

        Raises:
            RejectedAnswer: any other answer, with the hash of it.
            QuotaGone, ServiceUnavailable, LimitReached: try again later.
            SettingsError: the credentials are refused, or the server is another one.
        """
        answer, verdict = self._ask_once(request, limits)
        if verdict == "refused" and self._credentials.can_renew:
            self._credentials.forget_token()
            answer, verdict = self._ask_once(request, limits)
        auth = self._settings.auth
        if verdict == "refused":
            raise SettingsError(
                f"{self._name}: the server refuses the credentials (status {answer.status}); check {' and '.join(auth.variables)}"
            )
        if verdict == "elsewhere":
            raise SettingsError(
                f"{self._name}: the server does not speak the contract (status {answer.status}); check {self._settings.base_url}"
            )
        if verdict == "quota_gone":
            self._limiter.block(limits.key, self._settings.retry_after.quota_s, "quota gone")
            raise QuotaGone(f"{self._name}: the quota is used up (status {answer.status}); asked again later")
        if verdict not in ("hit", "miss", "pending"):
            raise RejectedAnswer(f"{self._name}: unexpected status {answer.status}", hash_answer(answer))
        return answer, verdict

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _ask_once(self, request: Filled, limits: Limits) -> tuple[Answer, Verdict]:
        self._bring_credentials()
        rules = self._settings.answers
        received: list[Answer] = []

        def send() -> Answer:
            with self._entity_slots(request, limits):
                received.append(self._exchange(request))
            if not request.is_repeatable and received[-1].status in _UNSETTLED:
                raise self._unsettled(request, f"status {received[-1].status}")
            return self._in_usual_words(received[-1])

        good = [status for rule in (*rules.hit, *rules.miss, *rules.pending) for status in rule.status]
        self._calls(limits).call(request.action, send, longest_s=self._http.deadline_s, good=good)
        return received[-1], judge(received[-1], rules, may_miss=request.may_miss)

    def _exchange(self, request: Filled) -> Answer:
        query = {**request.query, **self._credentials.query()}
        try:
            return self._http.request(request.method, request.path, params=query or None, json_body=request.body)
        except NoAnswer as problem:
            if request.is_repeatable or str(problem) in _NEVER_SENT:
                raise
            raise self._unsettled(request, str(problem)) from None

    def _unsettled(self, request: Filled, problem: str) -> RejectedAnswer:
        return RejectedAnswer(f"{self._name}: {request.action} broke off ({problem}); whether it was taken is not known")

    def _in_usual_words(self, answer: Answer) -> Answer:
        """The answer as the retries and the ledger understand it: throttled is 429 with Retry-After in seconds, quota gone is 402.

        One provider throttles with 403 and says with 429 that the month's quota is used up: obeyed as it stands, the first would not
        be tried again and the second for ever.
        """
        verdict = judge(answer, self._settings.answers)
        if verdict == "throttled":
            seconds = wait_s(answer, self._settings.retry_after, self._clock)
            status = answer.status if answer.status in (429, 503) else 429
            return Answer(status, {"retry-after": f"{seconds:.0f}"}, b"")
        return Answer(402, {}, b"") if verdict == "quota_gone" else answer

    def _entity_slots(self, request: Filled, limits: Limits) -> ExitStack:
        """A slot for each person where a window counts them; those of a request that is tried again are new ones."""
        slots = ExitStack()
        if any(window.entities for window in limits.windows):
            for _ in range(request.about):
                slot = self._limiter.attempt(
                    ENTITIES.format(key=limits.key),
                    request.action,
                    longest_s=self._http.deadline_s,
                    max_wait_s=self._max_wait_s,
                    on_wait=self._on_wait,
                )
                attempt = slots.enter_context(slot)
                attempt.outcome, attempt.is_success = "counted", True
        return slots

    def _bring_credentials(self) -> None:
        headers = self._credentials.headers()
        if headers != self._headers:
            self._http.close()
            self._http = self._connect(headers)

    def _connect(self, headers: dict[str, str]) -> HttpClient:
        self._headers = headers
        return HttpClient(self._base_url, headers, self._settings.timeout_s, self._settings.largest_answer_bytes)

    def _send_form(self, path: str, form: Mapping[str, str]) -> Answer:
        # connections of its own: beside the form's credentials a former token would be a second answer to who asks
        http = HttpClient(self._base_url, {}, self._settings.timeout_s, self._settings.largest_answer_bytes)
        with closing(http):
            return self._calls(self._settings.limits).call(
                "token", lambda: http.request("POST", path, form=form), longest_s=http.deadline_s
            )

    def _calls(self, limits: Limits) -> LimitedCalls:
        return LimitedCalls(limits.key, self._limiter, self._clock, self._max_wait_s, self._on_wait)
