"""The smallest file of a provider, and a server that answers for it as it is told."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from liendea_assets.enrichment.providers.load import ProviderFile
from liendea_assets_tests.enrichment.providers.serving import written_file

FIND = """
  - name: find
    needs: [[linkedin_url]]
    request: {path: /find, query: {profile: "{linkedin_id}"}}
"""
# whoever is not found is asked about with a second request, which has limits of its own
VERIFY = """
  - name: verify
    needs: [[linkedin_url]]
    limits: {key: KEY-verifier, windows: [{seconds: 86400, requests: 1}]}
    request: {path: /verify, query: {profile: "{linkedin_id}"}}
"""
BATCH = """
  - name: find
    needs: [[linkedin_url]]
    batch:
      path: /find
      size: 25
      envelope: people
      item: {id: "{ref}", profile: "{linkedin_id}"}
      answers: found
      correlate: {by: reference, path: id}
"""
PLAIN = """
base_url: ADDRESS
auth: {kind: none}
timeout_s: 5
limits: {key: KEY, windows: [{seconds: 60, requests: 1000}]}
answers: {miss: [{status: 404, when: code}]}
disclose: [linkedin_url, linkedin_id]
operations: OPERATIONS
mapping: {fields: {title: title}}
"""

HIT = JSONResponse({"title": "Head of Sales"})
MISS = JSONResponse({"code": "not_found"}, 404)


def plain_file(folder: Path, name: str, operations: str = FIND, more: str = "") -> ProviderFile:
    """A provider without a key, with 1,000 requests a minute.

    Args:
        more: further keys of the file.
    """
    text = PLAIN.replace("OPERATIONS", operations).replace("ADDRESS", f"{name.upper()}_BASE_URL").replace("KEY", name)
    return written_file(folder, name, text + more)


class PlainServer:
    """Answers each request as the function says, by its path and the profile that it is about.

    Attributes:
        asked: path and profile of each request, in the order of their arrival.
    """

    def __init__(self, answer: Callable[[str, str], Response | Awaitable[Response]]) -> None:
        self.asked: list[tuple[str, str]] = []
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path, profile = request.url.path, request.query_params.get("profile", "")
        self.asked.append((path, profile))
        answer = self._answer(path, profile)
        await (await answer if isawaitable(answer) else answer)(scope, receive, send)
