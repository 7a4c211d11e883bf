"""The scoring config: its versions, and what an earlier one or a candidate would do to the scores that stand."""

import tempfile
from pathlib import Path

import pandas as pd
from starlette.responses import Response

from liendea_assets.core.errors import BadValue
from liendea_assets.core.home import default_config
from liendea_assets.db.connection import to_records
from liendea_assets.scoring import preview_store
from liendea_assets.scoring.config_history import list_versions, load_version
from liendea_assets.scoring.load import NAME, load_scoring_settings
from liendea_assets.scoring.preview import ScoringPreview, preview_config
from liendea_assets.scoring.preview_report import figures, headline, largest_changes, name_people, shown_ids
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.web.forms import Form
from liendea_assets.web.view import View, get, post

SHOWN = 20


def show(view: View) -> Response:
    """The versions, and the file as it is, to be changed and previewed."""
    path = view.home.config / NAME
    content = (path if path.is_file() else default_config() / NAME).read_text(encoding="utf-8")
    return view.show("scoring.html", versions=to_records(list_versions(view.home, view.db)), content=content)


def preview_version(view: View) -> Response:
    """What an earlier version would do now."""
    version = view.query("version")
    return _show_preview(view, load_version(view.home, view.db, version), f"version {version}")


def preview_candidate(view: View, form: Form) -> Response:
    """What a text in the place of config/icp_scoring.yaml would do now. Nothing is stored."""
    content = form.fields.get("content", "")
    if not content.strip():
        raise BadValue("the text of a config is needed")
    with tempfile.TemporaryDirectory(prefix="liendea-") as folder:
        candidate = Path(folder) / NAME
        candidate.write_text(content, encoding="utf-8")
        settings = load_scoring_settings(view.home, candidate)
    return _show_preview(view, settings, "the text that you gave")


def _show_preview(view: View, settings: ScoringSettings, source: str) -> Response:
    found = preview_config(view.db, settings)
    ids = shown_ids(found, SHOWN)
    names = preview_store.read_names(view.db, ids)
    lists = [
        (title, to_records(name_people(people.head(SHOWN), names)), len(people)) for title, people in _lists(found).items() if len(people)
    ]
    return view.show(
        "scoring_preview.html",
        about=[int(id_) for id_ in ids],
        source=source,
        headline=headline(found),
        figures=figures(found),
        tiers=to_records(found.tiers),
        causes=to_records(found.by_key()),
        lists=lists,
        messages=to_records(found.messages.head(SHOWN)),
    )


def _lists(found: ScoringPreview) -> dict[str, pd.DataFrame]:
    return {
        "Who would enter the targets": found.entering(),
        "Who would leave the targets": found.leaving(),
        "Who would move the furthest": largest_changes(found, SHOWN),
    }


ROUTES = (
    get("/scoring", show),
    get("/scoring/preview", preview_version),
    post("/scoring/preview", preview_candidate, "/scoring"),
)
