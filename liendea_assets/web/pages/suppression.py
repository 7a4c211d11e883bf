"""Suppression: who is never to be contacted. Adding, asking about one value, and importing another tool's list."""

import tempfile
from pathlib import Path
from typing import Any

from starlette.responses import Response

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import BadValue
from liendea_assets.db.connection import transaction
from liendea_assets.outreach import suppression_store
from liendea_assets.outreach.suppression import read_suppressions
from liendea_assets.scoring import suppressed_store
from liendea_assets.scoring.suppressed import exclude_suppressed
from liendea_assets.scoring.suppression_list import ADDRESS, DOMAIN, KEY_CHECK, PROFILE, suppression_hash
from liendea_assets.web.forms import Form
from liendea_assets.web.pages import suppression_page_store as store
from liendea_assets.web.view import Done, View, get, post

LONGEST_VALUE = 400
SHOWN_LINES = 20


def show(view: View) -> Response:
    """What stands, the newest first."""
    return _page(view, None)


def ask(view: View, form: Form) -> Response:
    """Whether a value is suppressed, and why. By POST, so that no address stands in a browser's history."""
    value, key = form.text("value"), view.desk.key
    kind = _kind(value)
    normal = suppression_store.normal_value(kind, value)
    wanted = [(kind, suppression_hash(key, kind, normal))]
    if kind != PROFILE:
        # a domain stands for its subdomains, and for whoever has an address there
        labels = normal.rpartition("@")[2].split(".")
        wanted += [(DOMAIN, suppression_hash(key, DOMAIN, ".".join(labels[start:]))) for start in range(len(labels))]
    return _page(view, store.find(view.db, dict.fromkeys(wanted)))


def add(view: View, form: Form) -> Done:
    """Adds one value, in force at once: what waits for the person is withdrawn, and they leave scores and targets."""
    value, reason = form.text("value"), form.text("reason")[:200] or "added at the desk"
    kind = _kind(value)
    with transaction(view.db) as connection:
        done = suppression_store.suppress(connection, kind, value, reason, view.desk.key, to_text(view.now))
    exclude_suppressed(view.db, view.home.data / "secret.key")
    told = f"Suppressed ({kind})" if done.is_new else f"It was suppressed already ({kind})"
    text = f"{told}. Contacts found by it: {len(done.contact_ids)}; messages withdrawn: {done.withdrawn}."
    return Done(text, " ".join([kind, *(f"contact {id_}" for id_ in done.contact_ids[:20])]), "/suppression")


def take_in(view: View, form: Form) -> Done:
    """Adds a list: one value a line, and maybe a reason."""
    text = form.file.decode("utf-8", errors="replace") if form.file else form.fields.get("list", "")
    if not text.strip():
        raise BadValue("a file or a list is needed")
    with tempfile.TemporaryDirectory(prefix="liendea-") as folder:
        path = Path(folder) / "list.csv"
        path.write_text(text, encoding="utf-8")
        found = read_suppressions(path, view.desk.key)
    mark = (DOMAIN, suppression_hash(view.desk.key, DOMAIN, KEY_CHECK))
    number = sum((entry.kind, entry.key_hash) != mark for entry in found.entries)
    suppression_store.add_suppressions(view.db, found.entries, to_text(view.now))
    exclude_suppressed(view.db, view.home.data / "secret.key")
    withdrawn = suppression_store.withdraw_people(view.db, suppressed_store.read_suppressed(view.db), to_text(view.now))
    said = f"{number:,} values taken in; messages withdrawn: {withdrawn:,}."
    if found.bad_lines:
        lines = ", ".join(map(str, found.bad_lines[:SHOWN_LINES]))
        said += f" {len(found.bad_lines):,} lines name nobody in full, and were left out: {lines}"
    return Done(said, f"{number} values", "/suppression")


def _page(view: View, asked: list[dict[str, Any]] | None) -> Response:
    kinds, contacts = store.count(view.db)
    listed = view.pages(store.read_newest(view.db, view.window()))
    return view.show("suppression.html", kinds=kinds, contacts=contacts, listed=listed, asked=asked)


def _kind(value: str) -> str:
    """What a value names, by how it is written."""
    if not value or len(value) > LONGEST_VALUE or len(value.split()) > 1:
        raise BadValue("an address, a domain or a LinkedIn profile is needed")
    if "linkedin.com/" in value.lower():
        return PROFILE
    return ADDRESS if "@" in value.removeprefix("*").removeprefix("@") else DOMAIN


ROUTES = (
    get("/suppression", show),
    post("/suppression/ask", ask, "/suppression"),
    post("/suppression/add", add, "/suppression"),
    post("/suppression/import", take_in, "/suppression"),
)
