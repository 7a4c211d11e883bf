"""A provider that there is not: OAuth2 client credentials, and jobs of up to 100 people that take a while."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from liendea_assets_tests.conftest import VirtualClock

CLIENT_ID, CLIENT_SECRET = "client-7", "s3cret-of-client"
TOKEN_LIVES_S = 3_600


class Skylark:
    """The server's state.

    Attributes:
        takes_s: how long a job takes. fails: whether jobs come to nothing.
        throttles: how many requests are answered 429, saying 45 s in the body.
        submissions: the people of each job that was taken. tokens_given, polls: counted.
        breaks_after_taking: whether the answer to a submission gets lost. gateway_says: the status that comes in its place.
    """

    def __init__(self, clock: VirtualClock, takes_s: float = 75) -> None:
        self.takes_s = takes_s
        self.fails = False
        self.throttles = 0
        self.drops = 0
        self.submissions: list[list[dict[str, Any]]] = []
        self.tokens_given = 0
        self.polls = 0
        self.breaks_after_taking = False
        self.gateway_says = 0
        self._clock = clock
        self._tokens: dict[str, datetime] = {}
        self._jobs: dict[str, tuple[datetime, list[dict[str, Any]]]] = {}
        self._numbers = itertools.count(1)

    def revoke_tokens(self) -> None:
        """As a change of the secret does, half-way."""
        self._tokens.clear()

    async def token(self, request: Request) -> Response:
        form = {name: found[0] for name, found in parse_qs((await request.body()).decode()).items()}
        if form.get("grant_type") != "client_credentials" or (form.get("client_id"), form.get("client_secret")) != (
            CLIENT_ID,
            CLIENT_SECRET,
        ):
            return JSONResponse({"error": "invalid_client"}, 401)
        self.tokens_given += 1
        token = f"token-{self.tokens_given}"
        self._tokens[token] = self._clock.now() + timedelta(seconds=TOKEN_LIVES_S)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIVES_S})

    async def submit(self, request: Request) -> Response:
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        people = (await request.json())["people"]
        self.submissions.append(people)
        job_id = f"job/{next(self._numbers)}"
        self._jobs[job_id] = (self._clock.now() + timedelta(seconds=self.takes_s), people)
        if self.gateway_says:
            return Response(b"", self.gateway_says)
        if self.breaks_after_taking:
            return Response(b"", 200, {"content-length": "100"})
        return JSONResponse({"job": {"id": job_id}}, 202)

    async def poll(self, request: Request) -> Response:
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        self.polls += 1
        job_id = request.query_params["id"] if "id" in request.query_params else request.path_params["job_id"]
        if job_id not in self._jobs:
            return JSONResponse({"error": "no such job"}, 410)
        done_at, people = self._jobs[job_id]
        if self._clock.now() < done_at:
            return JSONResponse({"state": "working"})
        if self.fails:
            return JSONResponse({"state": "failed"})
        results = [_result(person) for person in people if person.get("last") != "Nobody"]
        return JSONResponse({"state": "done", "spent": 2 * len(results), "results": results[self.drops :]})

    def _refuse(self, request: Request) -> Response | None:
        ends_at = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if ends_at is None or ends_at <= self._clock.now():
            return JSONResponse({"error": "invalid_token"}, 401)
        if self.throttles:
            self.throttles -= 1
            return JSONResponse({"error": {"retry_in": 45}}, 429)
        return None


def create_app(server: Skylark) -> Starlette:
    return Starlette(
        routes=[
            Route("/oauth/token", server.token, methods=["POST"]),
            Route("/v1/jobs", server.submit, methods=["POST"]),
            Route("/v1/jobs/{job_id:path}", server.poll, methods=["GET"]),
        ]
    )


def _result(person: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": person["id"],
        "certainty": "high",
        "contact": {"mail": f"{person['last']}@acme.example".upper(), "cell": "+1 415 555 0100", "position": "VP Sales"},
        "firm": {"site": "https://www.Acme.example/about", "staff": "1,200"},
    }
