"""Suppression: who is never to be contacted. Adding, asking about one value, and importing another tool's list."""

import tempfile
from pathlib import Path
from typing import Any

from starlette.responses import Response

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import BadValue
from liendea_assets.db.connection import to_records, transaction
from liendea_assets.outreach import suppression_store
from liendea_assets.outreach.suppression_lists import name_value, read_list
from liendea_assets.scoring.suppressed import exclude_suppressed, find_suppressed
from liendea_assets.scoring.suppression_list import DOMAIN, PROFILE, SuppressionList, suppression_hash
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
    kind, normal = _named(value)
    wanted = [(kind, suppression_hash(key, kind, normal))]
    if kind != PROFILE:
        # a domain stands for its subdomains, and for whoever has an address there
        labels = normal.rpartition("@")[2].split(".")
        wanted += [(DOMAIN, suppression_hash(key, DOMAIN, ".".join(labels[start:]))) for start in range(len(labels))]
    return _page(view, store.find(view.db, dict.fromkeys(wanted)))


def add(view: View, form: Form) -> Done:
    """Adds one value, in force at once: what waits for the person is withdrawn, and they leave scores and targets."""
    value, reason = form.text("value"), form.text("reason")[:200] or "added at the desk"
    kind, normal = _named(value)
    if "@" in reason:
        raise BadValue("the reason holds an address; allowed is what names nobody")
    SuppressionList(view.desk.key, suppression_store.read_suppressions(view.db))
    with transaction(view.db) as connection:
        done = suppression_store.suppress(connection, kind, normal, reason, view.desk.key, to_text(view.now))
    exclude_suppressed(view.db, view.home.data / "secret.key")
    told = f"Suppressed ({kind})" if done.is_new else f"It was suppressed already ({kind})"
    text = f"{told}. Contacts found by it: {len(done.contact_ids)}; messages withdrawn: {done.withdrawn}."
    return Done(text, " ".join([kind, *(f"contact {id_}" for id_ in done.contact_ids[:20])]), "/suppression")


def take_in(view: View, form: Form) -> Done:
    """Adds a list of ours or of another tool; columns and rows that count are found as by `liendea suppression import`."""
    content = form.file or form.fields.get("list", "").encode()
    if not content.strip():
        raise BadValue("a file or a list is needed")
    key, now = view.desk.key, to_text(view.now)
    SuppressionList(key, suppression_store.read_suppressions(view.db))
    addresses = [row["work_email"] for row in to_records(suppression_store.read_known(view.db)) if row["work_email"]]
    with tempfile.TemporaryDirectory(prefix="liendea-") as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(content)
        found = read_list(path, key, addresses)
    before = sum(suppression_store.count_suppressions(view.db).values())
    suppression_store.add_suppressions(view.db, found.entries, now)
    new = sum(suppression_store.count_suppressions(view.db).values()) - before
    exclude_suppressed(view.db, view.home.data / "secret.key")
    barred = find_suppressed(view.db, SuppressionList(key, suppression_store.read_suppressions(view.db)))
    withdrawn = suppression_store.withdraw_people(view.db, barred, now)
    said = [f"{new:,} entries are new; messages withdrawn: {withdrawn:,}."]
    if found.passed_over:
        said.append(f"{found.passed_over:,} rows say of themselves that nothing stands against the person, and were passed over.")
    if found.unmatched:
        said.append(f"{found.unmatched:,} hashes are of nobody known; import the file again after importing contacts.")
    if found.bad_lines:
        lines = ", ".join(map(str, found.bad_lines[:SHOWN_LINES]))
        said.append(f"{len(found.bad_lines):,} lines name nobody in full, and were left out: {lines}")
    return Done("\n".join(said), f"{new} entries", "/suppression")


def _page(view: View, asked: list[dict[str, Any]] | None) -> Response:
    kinds, contacts = store.count(view.db)
    listed = view.pages(store.read_newest(view.db, view.window()))
    return view.show("suppression.html", kinds=kinds, contacts=contacts, listed=listed, asked=asked)


def _named(value: str) -> tuple[str, str]:
    """Kind and normal spelling of what a person typed."""
    if not value or len(value) > LONGEST_VALUE:
        raise BadValue("an address, a domain or a LinkedIn profile is needed")
    return name_value(value)


ROUTES = (
    get("/suppression", show),
    post("/suppression/ask", ask, "/suppression"),
    post("/suppression/add", add, "/suppression"),
    post("/suppression/import", take_in, "/suppression"),
)
