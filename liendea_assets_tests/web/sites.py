"""The desk and the public pages of a home, served on loopback, as programs see them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from liendea_assets.clients.usage import read_usage
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database, open_database
from liendea_assets.enrichment.budget_use import read_budget_use
from liendea_assets.enrichment.settings import BudgetSettings
from liendea_assets.outreach.settings import PublicSettings
from liendea_assets.sandbox.serving import serving
from liendea_assets.web.desk import create_desk
from liendea_assets.web.public import Public, create_public
from liendea_assets.web.session import Sessions
from liendea_assets.web.view import Desk
from liendea_assets_tests.clients.servers import free_port
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact

NOW_TEXT = "2026-10-05 08:00:00.000000"


class Person:
    """Somebody at the desk: a client with a session, that sends forms as pages have them."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.own = str(client.base_url).rstrip("/")

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.headers.get("location"), answer.text)
        return str(answer.text)

    def csrf(self, path: str = "/") -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.page(path))
        assert found
        return found.group(1)

    def post(
        self, path: str, fields: dict[str, str] | None = None, *, origin: str | None = None, csrf: str | None = None, **more: Any
    ) -> Any:
        """A form sent; the page that comes after it."""
        sent = {"csrf": self.csrf() if csrf is None else csrf, **(fields or {})}
        return self.client.post(path, data=sent, headers={"origin": self.own if origin is None else origin}, **more)


def upload(person: Person, path: str, file: bytes, **fields: str) -> httpx.Response:
    """A form with a file, sent."""
    sent = {"csrf": person.csrf(), **fields}
    return person.client.post(path, data=sent, files={"file": ("a file", file)}, headers={"origin": person.own})


def desk_of(home: Home, path: Path, clock: VirtualClock, port: int) -> Desk:
    """A desk over a database file; the limits of Reach as shipped, and nobody to ask."""

    def usage(db: Database) -> Any:
        return read_usage(db, clock, {"reach": ((60, 10), (3_600, 400))}, {})

    def budgets(db: Database) -> Any:
        return read_budget_use(db, {"reach": BudgetSettings(calls_per_day=100, credits_per_month=1_000)}, clock)

    return Desk(home, clock, Sessions(home, port), lambda: open_database(path), lambda _db: ((), {}), usage, budgets, "Kim Doe")


@contextmanager
def serving_desk(home: Home, path: Path, clock: VirtualClock) -> Iterator[tuple[Desk, httpx.Client]]:
    """The desk, and a client that nobody has logged in."""
    port = free_port()
    desk = desk_of(home, path, clock, port)
    with serving(create_desk(desk, port), port), httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield desk, client


def log_in(desk: Desk, client: httpx.Client, name: str = "Kim Doe") -> Person:
    token = desk.sessions.new_link_token(desk.clock.now())
    origin = {"origin": str(client.base_url).rstrip("/")}
    answer = client.post("/login", data={"token": token, "name": name}, headers=origin)
    assert answer.status_code == 303, answer.text
    return Person(client)


@contextmanager
def public_client(home: Home, path: Path, clock: VirtualClock, **settings: object) -> Iterator[httpx.Client]:
    public = Public(home, clock, lambda: open_database(path), PublicSettings.model_validate(settings))
    with serving(create_public(public)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def add_campaign(db: Database, name: str = "intro", kind: str = "email", **changed: object) -> int:
    row = {"name": name, "type": kind, "status": "active", "daily_limit": 50, "created_at": NOW_TEXT, "version": "v1", **changed}
    db.table("outreach_campaigns").insert(row)
    return int(db.conn.execute("SELECT id FROM outreach_campaigns WHERE name = ?", [name]).fetchone()["id"])


def add_message(db: Database, contact_id: int, token: str, *, campaign: int = 1, status: str = "sent", **changed: object) -> int:
    """A message; by default one that went out at `NOW_TEXT` minus nothing."""
    row = {
        "campaign_id": campaign, "contact_id": contact_id, "step": 1, "outreach_type": "email", "status": status, "sent_at": NOW_TEXT,
        "planned_on": "2026-10-05", "message_id": f"<{token}@northwind.example>", "message": "Hello", "message_sha256": "0" * 64,
        "campaign_version": "v1", "created_at": NOW_TEXT, "token": token, "recipient": f"robin.weaver.{contact_id}@acmelabs.example",
        **changed,
    }  # fmt: skip
    if status != "sent":
        row["sent_at"] = None
    return int(db.table("outreach_log").insert(row).last_pk)  # type: ignore[arg-type]


def add_person_with_message(db: Database, contact_id: int, token: str, **changed: object) -> int:
    add_contact(db, contact_id)
    return add_message(db, contact_id, token, **changed)  # type: ignore[arg-type]
