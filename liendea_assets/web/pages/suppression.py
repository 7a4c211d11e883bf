"""Suppression: who is never to be contacted. Adding, asking about one value, and importing another tool's list."""

import csv
import io
import tempfile
from pathlib import Path

from starlette.responses import Response

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import BadValue
from liendea_assets.outreach import store as outreach_store
from liendea_assets.outreach.suppression import Suppression, SuppressionFile, read_suppressions
from liendea_assets.scoring.suppressed import exclude_suppressed
from liendea_assets.scoring.suppression_list import ADDRESS, DOMAIN, KEY_CHECK, suppression_hash
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
    value = form.text("value")
    entries = _read(view, value, "").entries
    if not entries:
        raise BadValue("that is no address, domain or LinkedIn profile")
    wanted = [(entry.kind, entry.key_hash) for entry in entries if not _is_mark(view, entry)]
    if "@" in value:
        # a domain stands for its subdomains
        labels = value.rpartition("@")[2].lower().split(".")
        wanted += [(DOMAIN, suppression_hash(view.desk.key, DOMAIN, ".".join(labels[start:]))) for start in range(len(labels))]
    return _page(view, store.find(view.db, wanted))


def add(view: View, form: Form) -> Done:
    """Adds one value, in force at once."""
    reason = form.text("reason")[:200] or "added at the desk"
    found = _read(view, form.text("value"), reason)
    kinds = [entry.kind for entry in found.entries if not _is_mark(view, entry)]
    if not kinds:
        raise BadValue("that is no address, domain or LinkedIn profile")
    came = _add(view, found)
    return Done(f"Suppressed ({kinds[0]}). {came} contacts were found by it.", kinds[0], "/suppression")


def take_in(view: View, form: Form) -> Done:
    """Adds a list: one value a line, and maybe a reason."""
    text = form.file.decode("utf-8", errors="replace") if form.file else form.fields.get("list", "")
    if not text.strip():
        raise BadValue("a file or a list is needed")
    with tempfile.TemporaryDirectory(prefix="liendea-") as folder:
        path = Path(folder) / "list.csv"
        path.write_text(text, encoding="utf-8")
        found = read_suppressions(path, view.desk.key)
    came = _add(view, found)
    number = sum(not _is_mark(view, entry) for entry in found.entries)
    said = f"{number:,} values taken in; {came:,} contacts were found by them."
    if found.bad_lines:
        lines = ", ".join(map(str, found.bad_lines[:SHOWN_LINES]))
        said += f" {len(found.bad_lines):,} lines name nobody in full, and were left out: {lines}"
    return Done(said, f"{number} values", "/suppression")


def _page(view: View, asked: list[dict[str, object]] | None) -> Response:
    kinds, contacts = store.count(view.db)
    listed = view.pages(store.read_newest(view.db, view.window()))
    return view.show("suppression.html", kinds=kinds, contacts=contacts, listed=listed, asked=asked, address=ADDRESS)


def _add(view: View, found: SuppressionFile) -> int:
    outreach_store.add_suppressions(view.db, found.entries, to_text(view.now))
    return exclude_suppressed(view.db, view.home.data / "secret.key")


def _read(view: View, value: str, reason: str) -> SuppressionFile:
    """One value, as a list of one line."""
    if not value or len(value) > LONGEST_VALUE or not value.isprintable():
        raise BadValue("an address, a domain or a LinkedIn profile is needed")
    out = io.StringIO()
    csv.writer(out).writerow([value, reason])
    with tempfile.TemporaryDirectory(prefix="liendea-") as folder:
        path = Path(folder) / "value.csv"
        path.write_text(out.getvalue(), encoding="utf-8")
        return read_suppressions(path, view.desk.key)


def _is_mark(view: View, entry: Suppression) -> bool:
    return (entry.kind, entry.key_hash) == (DOMAIN, suppression_hash(view.desk.key, DOMAIN, KEY_CHECK))


ROUTES = (
    get("/suppression", show),
    post("/suppression/ask", ask, "/suppression"),
    post("/suppression/add", add, "/suppression"),
    post("/suppression/import", take_in, "/suppression"),
)
