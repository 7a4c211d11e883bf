"""Hunter as its documentation describes it (hunter.io/api-documentation/v2, seen 2026): email finder and email verifier.

403 is throttling and 429 is the month's quota, both without a header; who is not found is a 200 without an address.
"""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from liendea_assets_tests.enrichment.providers.serving import KEY

FOUND: dict[str, Any] = {
    "first_name": "Robin",
    "last_name": "Weaver",
    "email": "robin.weaver@acmelabs.example",
    "score": 97,
    "domain": "acmelabs.example",
    "accept_all": False,
    "position": "VP Sales",
    "twitter": None,
    "linkedin_url": None,
    "phone_number": None,
    "company": "Acme Labs",
    "sources": [],
    "verification": {"date": "2026-10-01", "status": "valid"},
}


class Hunter:
    """The server's state.

    Attributes:
        found: what the finder says of Robin Weaver at acmelabs.example.
        verification: status and body of the verifier.
        has_objected: whether Robin Weaver has asked Hunter not to process data about her.
        throttles: how many requests are answered 403. quota: requests that are left this month.
        key: the one that is valid; it expires after so many requests.
    """

    def __init__(self) -> None:
        self.found: dict[str, Any] = FOUND
        self.verification: tuple[int, dict[str, Any]] = (
            200,
            {"status": "valid", "score": 91, "email": "robin.weaver@acmelabs.example", "mx_records": True},
        )
        self.has_objected = False
        self.throttles = 0
        self.quota = 1_000
        self.key = KEY
        self.expires_after: int | None = None
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def find(self, request: Request) -> Response:
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        query = dict(request.query_params)
        if not (query.get("domain") or query.get("company")):
            return _error(400, "wrong_params", "You are missing the domain parameter")
        is_known = query.get("first_name") == "Robin" and query.get("last_name") == "Weaver" and query.get("domain") == "acmelabs.example"
        if is_known and self.has_objected:
            return _error(451, "claimed_email", "The person has asked us to stop processing personal data")
        nobody = {**FOUND, "email": None, "score": None, "position": None, "first_name": query.get("first_name")}
        return JSONResponse({"data": self.found if is_known else nobody, "meta": {"params": query}})

    async def verify(self, request: Request) -> Response:
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        status, data = self.verification
        return JSONResponse({"data": data, "meta": {"params": dict(request.query_params)}}, status)

    def _refuse(self, request: Request) -> Response | None:
        if self.expires_after is not None:
            if self.expires_after == 0:
                self.key = "another"
            self.expires_after -= 1
        if request.headers.get("x-api-key", request.query_params.get("api_key")) != self.key:
            return _error(401, "authentication_failed", "No user found for the API key supplied")
        if self.throttles:
            self.throttles -= 1
            return _error(403, "too_many_requests", "You have reached the rate limit")
        if self.quota == 0:
            return _error(429, "too_many_requests", "You have reached your usage limit. Upgrade your plan if necessary.")
        self.quota -= 1
        self.asked.append((request.url.path, dict(request.query_params)))
        return None


def create_app(server: Hunter) -> Starlette:
    return Starlette(
        routes=[Route("/v2/email-finder", server.find, methods=["GET"]), Route("/v2/email-verifier", server.verify, methods=["GET"])]
    )


def _error(status: int, kind: str, details: str) -> Response:
    return JSONResponse({"errors": [{"id": kind, "code": status, "details": details}]}, status)
