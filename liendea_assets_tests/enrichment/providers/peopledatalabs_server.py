"""People Data Labs as its documentation describes it: person enrichment, one by one and in bulk.

Parameters, statuses and sizes are those of its public OpenAPI description (github.com/peopledatalabs/openAPI-specifications), headers
and bodies those of docs.peopledatalabs.com, seen 2026; in our own words. It shares no code with the client.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.serving import KEY

# of GET /v5/person/enrich
PARAMETERS = frozenset(
    [
        "pdl_id",
        "name",
        "first_name",
        "last_name",
        "middle_name",
        "location",
        "street_address",
        "locality",
        "region",
        "country",
        "postal_code",
        "company",
        "school",
        "phone",
        "email",
        "email_hash",
        "profile",
        "lid",
        "birth_date",
        "min_likelihood",
        "required",
        "titlecase",
        "data_include",
        "include_if_matched",
    ]
)
MOST_IN_BULK = 100

PERSON: dict[str, Any] = {
    "id": "qEnOZ5Oh0poWnQ1luFBfVw_0000",
    "full_name": "robin weaver",
    "linkedin_url": "linkedin.com/in/robin-weaver",
    "work_email": "Robin.Weaver@acmelabs.example",
    "mobile_phone": "+14155550100",
    "job_title": "vp sales",
    "location_country": "united states",
    "job_company_name": "acme labs",
    "job_company_website": "acmelabs.example",
    "job_company_industry": "computer software",
    "job_company_employee_count": 620,
    "job_company_inferred_revenue": "$50M-$100M",
    "job_company_12mo_employee_growth_rate": 0.25,
}


class PeopleDataLabs:
    """The server's state.

    Attributes:
        people: profile → record; `likelihood` is that of every match.
        key: the one that is valid. credits, left: matches of the account and requests of this minute that are left.
        expires_after: requests after which the key is none any more.
        drops: how many answers a bulk request loses.
    """

    def __init__(self, clock: VirtualClock, **people: dict[str, Any]) -> None:
        self.people = {f"linkedin.com/in/{name.replace('_', '-')}": record for name, record in people.items()} or {
            "linkedin.com/in/robin-weaver": PERSON
        }
        self.likelihood: object = 9
        self.key = KEY
        self.credits = 1_000
        self.left = 100
        self.expires_after: int | None = None
        self.drops = 0
        self.asked: list[dict[str, Any]] = []
        self._clock = clock
        self._window_ends_at = clock.now() + timedelta(seconds=60)

    async def enrich(self, request: Request) -> Response:
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        query = dict(request.query_params)
        self.asked.append(query)
        answer = self._match(query)
        return self._respond(answer["status"], answer, spent=int(answer["status"] == 200))

    async def bulk(self, request: Request) -> Response:
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        content = await request.json()
        self.asked.append(content)
        requests = content.get("requests")
        if not isinstance(requests, list) or not 1 <= len(requests) <= MOST_IN_BULK:
            return self._error(400, "invalid_request_error", "requests must be an array of 1 to 100")
        shared = {name: value for name, value in content.items() if name != "requests"}
        answers = [{**self._match({**shared, **item["params"]}), "metadata": item.get("metadata")} for item in requests]
        spent = sum(answer["status"] == 200 for answer in answers)
        return self._respond(200, answers[self.drops :], spent)

    def _refuse(self, request: Request) -> Response | None:
        if self.expires_after is not None:
            if self.expires_after == 0:
                self.key = "another"
            self.expires_after -= 1
        if request.headers.get("x-api-key") != self.key:
            return self._error(401, "authentication_error", "Request contained a missing or invalid key")
        if self._clock.now() >= self._window_ends_at:
            self.left, self._window_ends_at = 100, self._clock.now() + timedelta(seconds=60)
        if self.left == 0:
            return self._error(429, "rate_limit_error", "An error occurred due to requests hitting the API too quick")
        self.left -= 1
        if self.credits <= 0:
            return self._error(402, "payment_required", "You have reached your account maximum (all matches used)")
        return None

    def _match(self, params: Mapping[str, Any]) -> dict[str, Any]:
        unknown = set(params) - PARAMETERS
        profile = params.get("profile", "")
        profile = profile[0] if isinstance(profile, list) else profile
        has_name = "first_name" in params and "last_name" in params and "company" in params
        if unknown or not (profile or params.get("email") or has_name):
            return {
                "status": 400,
                "error": {"type": "invalid_request_error", "message": f"missing or invalid parameters {sorted(unknown)}"},
            }
        record = self.people.get(str(profile).lower().removeprefix("https://").removeprefix("www."))
        if record is None or (isinstance(self.likelihood, int) and self.likelihood < int(params.get("min_likelihood", 0))):
            return {"status": 404, "error": {"type": "not_found", "message": "No records were found matching your request"}}
        return {"status": 200, "likelihood": self.likelihood, "data": record}

    def _respond(self, status: int, content: object, spent: int) -> Response:
        self.credits -= spent
        return Response(json.dumps(content), status, {**self._headers(), "x-call-credits-spent": str(spent)}, "application/json")

    def _error(self, status: int, kind: str, message: str) -> Response:
        return JSONResponse({"status": status, "error": {"type": kind, "message": message}}, status, self._headers())

    def _headers(self) -> dict[str, str]:
        # a moment on the clock that the Date header tells, which is the machine's; whole seconds, none too early
        resets_at = datetime.now(UTC) + (self._window_ends_at - self._clock.now()) + timedelta(seconds=1)
        return {
            "x-ratelimit-limit": "{'minute': 100}",
            "x-ratelimit-remaining": f"{{'minute': {self.left}}}",
            "x-ratelimit-reset": resets_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-totallimit-remaining": str(self.credits),
        }


def create_app(server: PeopleDataLabs) -> Starlette:
    return Starlette(
        routes=[Route("/v5/person/enrich", server.enrich, methods=["GET"]), Route("/v5/person/bulk", server.bulk, methods=["POST"])]
    )
