"""Apollo as its documentation describes it (docs.apollo.io, seen 2026): people enrichment, one by one and in bulk.

A miss is a 200 without a person; addresses that were not paid for are placeholders; limits come in three windows.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from liendea_assets.sandbox.reach_server import Book, Windows
from liendea_assets_tests.enrichment.providers.serving import KEY

MOST_IN_BULK = 10
PLACEHOLDER = "email_not_unlocked@domain.com"

PERSON: dict[str, Any] = {
    "id": "64a7ff0cc4dfae00013df1a5",
    "first_name": "Robin",
    "last_name": "Weaver",
    "name": "Robin Weaver",
    "linkedin_url": "http://www.linkedin.com/in/robin-weaver",
    "title": "VP Sales",
    "email": "robin.weaver@acmelabs.example",
    "email_status": "verified",
    "country": "United States",
    "time_zone": "America/New_York",
    "organization": {
        "id": "5e66b6381e05b4008c8331b8",
        "name": "Acme Labs",
        "website_url": "http://www.acmelabs.example",
        "primary_domain": "acmelabs.example",
        "industry": "information technology & services",
        "estimated_num_employees": 620,
        "annual_revenue_printed": "75M",
        "organization_headcount_twelve_month_growth": 0.19,
    },
}


class Apollo:
    """The server's state.

    Attributes:
        people: end of the profile → record.
        throttles: how many requests are answered 429, with this Retry-After.
        book: the windows of the team's plan; of the day there is no limit. credits: those that are left.
        key: the one that is valid; it expires after so many requests.
        drops: how many answers a bulk request loses.
    """

    def __init__(self, windows: Windows = ((60, 50), (3_600, 200)), seconds: Callable[[], float] = time.monotonic) -> None:
        self.people: dict[str, dict[str, Any]] = {"robin-weaver": PERSON}
        self.book = Book(windows, seconds)
        self.credits = 1_000
        self.throttles = 0
        self.retry_after = "30"
        self.key = KEY
        self.expires_after: int | None = None
        self.drops = 0
        self.asked: list[dict[str, Any]] = []

    async def match(self, request: Request) -> Response:
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        content = await request.json()
        self.asked.append(content)
        person = self._find(content)
        return self._respond({"person": person} | ({"credits_consumed": 1} if person else {}))

    async def bulk_match(self, request: Request) -> Response:
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        content = await request.json()
        self.asked.append(content)
        if len(content["details"]) > MOST_IN_BULK:
            return JSONResponse({"error": "details must hold at most 10 people"}, 422)
        matches = [self._find(details) for details in content["details"]]
        found = sum(match is not None for match in matches)
        return self._respond(
            {
                "status": "success",
                "total_requested_enrichments": len(matches),
                "unique_enriched_records": found,
                "missing_records": len(matches) - found,
                "credits_consumed": found,
                "matches": matches[self.drops :],
            }
        )

    def _refuse(self, request: Request) -> Response | None:
        if self.expires_after is not None:
            if self.expires_after == 0:
                self.key = "another"
            self.expires_after -= 1
        if request.headers.get("x-api-key") != self.key:
            return Response("Invalid access credentials.", 401)
        if self.throttles:
            self.throttles -= 1
            return JSONResponse({"message": "The maximum number of api calls allowed"}, 429, {"retry-after": self.retry_after})
        wait_s = self.book.arrive()
        if wait_s is not None:
            return JSONResponse({"message": "The maximum number of api calls allowed"}, 429, {"retry-after": str(int(wait_s) + 1)})
        if self.credits <= 0:
            return JSONResponse({"error": "You have insufficient credits! Please upgrade your plan."}, 422)
        return None

    def _find(self, details: dict[str, Any]) -> dict[str, Any] | None:
        return self.people.get(str(details.get("linkedin_url", "")).rpartition("/")[2])

    def _respond(self, content: dict[str, Any]) -> Response:
        self.credits -= int(content.get("credits_consumed", 0))
        # empty means that there is no limit
        headers = {"x-rate-limit-24-hour": "", "x-24-hour-requests-left": ""}
        for window in self.book.usage():
            span = {60: "minute", 3_600: "hourly"}[window["seconds"]]
            headers[f"x-rate-limit-{span}"] = str(window["limit"])
            headers[f"x-{span}-requests-left"] = str(max(0, window["limit"] - window["used"]))
        return Response(json.dumps(content), 200, headers, "application/json")


def create_app(server: Apollo) -> Starlette:
    return Starlette(
        routes=[
            Route("/api/v1/people/match", server.match, methods=["POST"]),
            Route("/api/v1/people/bulk_match", server.bulk_match, methods=["POST"]),
        ]
    )
