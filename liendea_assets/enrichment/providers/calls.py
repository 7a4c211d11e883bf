"""One request to a provider, within its limits, with its credentials, and what its answer says."""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from liendea_assets.clients.attempts import LimitedCalls
from liendea_assets.clients.http import Answer, HttpClient, NoAnswer
from liendea_assets.clients.outlook import Bound, Need
from liendea_assets.clients.rate_limit import OnWait, RateLimiter
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import QuotaGone, RejectedAnswer, ServiceUnavailable, SettingsError
from liendea_assets.enrichment.payment import Payment
from liendea_assets.enrichment.providers.auth import Credentials
from liendea_assets.enrichment.providers.limit_settings import Limits
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets.enrichment.providers.verdicts import Verdict, hash_answer, judge, wait_s

# Who is told, by key.
TellWait = Callable[[str], OnWait | None]

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
    """The way to one provider. Threads may share one.

    Args:
        payer: whose budget the calls count for.
        secrets: environment variable → value, of those that the credentials name.
        max_wait_s: how long a request waits for a slot before it raises `LimitReached`.
        tell_wait: gives for a key who is told the seconds left while its slots are waited for.

    Raises:
        SettingsError: an address or a secret that cannot be used.
    """

    def __init__(
        self,
        name: str,
        payer: str,
        settings: ProviderSettings,
        base_url: str,
        secrets: Mapping[str, str],
        limiter: RateLimiter,
        clock: Clock,
        max_wait_s: float,
        tell_wait: TellWait | None = None,
    ) -> None:
        self._name = name
        self._payer = payer
        self._settings = settings
        self._limiter = limiter
        self._clock = clock
        self._max_wait_s = max_wait_s
        self._tell_wait = tell_wait or (lambda _key: None)
        self.stopping = threading.Event()
        self._credentials = Credentials(name, settings.auth, secrets, self._send_form, clock)
        headers = {} if self._credentials.can_renew else self._credentials.headers()
        self._http = HttpClient(base_url, headers, settings.timeout_s, settings.largest_answer_bytes)

    def ask(self, request: Filled, limits: Limits, payment: Payment | None = None) -> tuple[Answer, Verdict]:
        """The answer, which is a hit, a miss or pending; a refused token is renewed once.

        Args:
            payment: of a request that costs something; told of each attempt that may have been charged for.

        Raises:
            RejectedAnswer: any other answer, with the hash of it.
            BudgetUsedUp: it would have to be made again, and there are no credits for that.
            QuotaGone, ServiceUnavailable, LimitReached, Stopped: try again later.
            SettingsError: the credentials are refused, or the server is another one.
        """
        answer = self._ask(request, limits, payment)
        verdict = judge(answer, self._settings.answers, may_miss=request.may_miss)
        auth = self._settings.auth
        if verdict == "refused":
            raise SettingsError(
                f"{self._name}: the server refuses the credentials (status {answer.status}); check {' and '.join(auth.variables)}"
            )
        if verdict == "elsewhere":
            raise SettingsError(
                f"{self._name}: the server does not speak the contract (status {answer.status}); check {self._settings.base_url}"
            )
        if verdict not in ("hit", "miss", "pending"):
            raise RejectedAnswer(f"{self._name}: unexpected status {answer.status}", hash_answer(answer))
        return answer, verdict

    def allow(self) -> None:
        """Requests may be made, also after a `stop`."""
        self.stopping.clear()

    def stop(self) -> None:
        """No request begins any more; whoever waits to make one is told so (`Stopped`). Those under way go on."""
        self.stopping.set()

    def free_in_s(self, key: str) -> float:
        """Seconds until a request may be sent, by all that is known now."""
        return self._limiter.free_in_s(key, self._payer)

    def look_ahead(self, needs: Sequence[Need]) -> list[Bound]:
        """Until when each limit makes the last of these calls wait."""
        return self._limiter.look_ahead(needs, self._payer)

    def most_people(self, limits: Limits) -> int | None:
        """The most people that a request may be about, by the windows that count them; None where none does."""
        return self._limiter.most_people(limits.key)

    def close(self) -> None:
        """Closes the connections; requests under way break off."""
        self._http.close()

    def _ask(self, request: Filled, limits: Limits, payment: Payment | None) -> Answer:
        rules = self._settings.answers
        headers = self._token_headers()
        once = self._idempotency_headers(request)
        received: list[Answer] = []
        unsettled = ""

        def send() -> Answer:
            nonlocal unsettled
            unsettled = ""
            try:
                answer = self._exchange(request, {**headers, **once})
            except NoAnswer as problem:
                unsettled = str(problem) if problem.was_sent else ""
                raise
            else:
                received.append(answer)
                unsettled = f"status {answer.status}" if answer.status in _UNSETTLED else ""
            finally:
                if unsettled and payment is not None:
                    payment.note_doubt()
            return self._in_usual_words(answer, request)

        def refresh() -> None:
            nonlocal headers
            self._credentials.renew(headers)
            headers = self._token_headers()

        try:
            self._calls(limits).call(
                request.action,
                send,
                longest_s=self._http.deadline_s,
                good=[status for rule in (*rules.hit, *rules.miss, *rules.pending) for status in rule.status],
                is_repeatable=request.is_repeatable,
                refresh=refresh if self._credentials.can_renew else None,
                before_again=payment.begin_again if payment is not None else None,
                people=request.about if self.most_people(limits) else 0,
            )
        except ServiceUnavailable:
            if unsettled and not request.is_repeatable:
                raise RejectedAnswer(f"{self._name}: {request.action} broke off ({unsettled}); whether it was taken is not known") from None
            raise
        except QuotaGone:
            if not received:
                # it was asked for a token
                raise
            self._limiter.block(limits.key, self._settings.retry_after.quota_s, "quota gone")
            raise QuotaGone(f"{self._name}: the quota is used up (status {received[-1].status}); asked again later") from None
        return received[-1]

    def _exchange(self, request: Filled, headers: Mapping[str, str]) -> Answer:
        query = {**request.query, **self._credentials.query()}
        return self._http.request(request.method, request.path, params=query or None, json_body=request.body, headers=headers)

    def _idempotency_headers(self, request: Filled) -> dict[str, str]:
        """The same for the same request on the same day: a run that was killed before the answer came makes it again."""
        name = self._settings.idempotency_header
        if name is None:
            return {}
        what = [self._name, request.method, request.path, request.query, request.body, self._clock.now().date().isoformat()]
        return {name: hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()}

    def _in_usual_words(self, answer: Answer, request: Filled) -> Answer:
        """The answer as the retries and the ledger understand it.

        Throttled is 429 with Retry-After in seconds, quota gone is 402, a token that can be renewed is refused with 401. One provider
        throttles with 403 and says with 429 that the month's quota is used up: obeyed as it stands, the first would not be tried again
        and the second for ever. What headers tell of limits stays.
        """
        verdict = judge(answer, self._settings.answers)
        if verdict == "throttled":
            seconds = wait_s(answer, self._settings.retry_after, self._clock)
            return _reworded(answer, answer.status if answer.status in (429, 503) else 429, seconds)
        if verdict == "quota_gone":
            return _reworded(answer, 402, self._settings.retry_after.quota_s)
        if verdict == "refused" and self._credentials.can_renew:
            return Answer(401, answer.headers, b"")
        if answer.status == 408 and not request.is_repeatable:
            # behind a gateway it does not mean that nothing was done
            return Answer(504, answer.headers, b"")
        return answer

    def _token_headers(self) -> Mapping[str, str]:
        """Those that change from request to request."""
        return self._credentials.headers() if self._credentials.can_renew else {}

    def _send_form(self, path: str, form: Mapping[str, str]) -> Answer:
        try:
            return self._calls(self._settings.limits).call(
                "token", lambda: self._http.request("POST", path, form=form), longest_s=self._http.deadline_s
            )
        except ServiceUnavailable as problem:
            # it is about nobody, and everybody would meet it
            raise ServiceUnavailable(str(problem)) from None

    def _calls(self, limits: Limits) -> LimitedCalls:
        tell_wait = self._tell_wait(limits.key)
        return LimitedCalls(
            limits.key,
            self._limiter,
            self._clock,
            self._max_wait_s,
            tell_wait,
            stop=self.stopping,
            payer=self._payer,
            waits_for_circuit=False,
        )


def _reworded(answer: Answer, status: int, retry_after_s: float) -> Answer:
    return Answer(status, {**answer.headers, "retry-after": f"{retry_after_s:.0f}"}, b"")
