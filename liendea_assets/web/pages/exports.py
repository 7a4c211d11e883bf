"""Lists to keep, as XLSX or CSV. By POST, so that who took one along stands with what was done."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Route

from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import to_records
from liendea_assets.imports.list_files import SUFFIXES, write_list
from liendea_assets.imports.sheets import Sheet
from liendea_assets.outreach import suppression_store
from liendea_assets.outreach.linkedin_csv import write_linkedin_list
from liendea_assets.outreach.linkedin_list import read_today
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.outreach.suppression_lists import EXPORT_COLUMNS, export_rows, known_values
from liendea_assets.scoring.target_lists import list_accounts, list_targets
from liendea_assets.web.forms import Form
from liendea_assets.web.view import View, note_access, post, send_file


def targets(view: View) -> Sheet:
    """Who is a target, as `liendea targets --export`."""
    listed = list_targets(view.db)
    place = list(listed.columns).index("Contact ID")
    note_access(view.session.by, view.request.url.path, [int(str(row[place])) for row in listed.rows])
    return listed


def accounts(view: View) -> Sheet:
    """Which accounts are targets, as `liendea targets --accounts --export`."""
    listed = list_accounts(view.db)
    place = list(listed.columns).index("Best contact's ID")
    note_access(view.session.by, view.request.url.path, [int(str(row[place])) for row in listed.rows if row[place] is not None])
    return listed


def suppressions(view: View) -> Sheet:
    """Every entry, readable where a contact of today is meant, as `liendea suppression export`; each of our homes takes it in again."""
    entries = to_records(suppression_store.list_suppressions(view.db))
    known = to_records(suppression_store.read_known(view.db))
    rows = export_rows(entries, known_values(known), view.desk.key)
    return Sheet("Suppressions", EXPORT_COLUMNS, rows)


LISTS: dict[str, Callable[[View], Sheet]] = {"targets": targets, "accounts": accounts, "suppressions": suppressions}


def _send(make: Callable[[View], Sheet], name: str, suffix: str, view: View, _form: Form) -> Response:
    with tempfile.TemporaryDirectory(prefix="liendea-") as folder:
        path = Path(folder) / f"{name}-{view.now.date().isoformat()}{suffix}"
        write_list(path, make(view))
        return send_file(path)


def _send_linkedin(view: View, _form: Form) -> Response:
    """What is open of today's list, as the CSV in data/exports."""
    settings = load_settings(OutreachSettings, view.home, "outreach.yaml").linkedin
    people = [person for person in read_today(view.db, view.now.date(), settings) if person.is_open]
    note_access(view.session.by, view.request.url.path, [person.contact_id for person in people])
    with tempfile.TemporaryDirectory(prefix="liendea-") as folder:
        path = Path(folder) / f"linkedin-{view.now.date().isoformat()}.csv"
        write_linkedin_list(people, path)
        return send_file(path)


def _routes() -> tuple[Route, ...]:
    return tuple(
        post(f"/lists/{name}{suffix}", partial(_send, make, name, suffix), "/people") for name, make in LISTS.items() for suffix in SUFFIXES
    )


ROUTES = (*_routes(), post("/lists/linkedin.csv", _send_linkedin, "/linkedin"))
