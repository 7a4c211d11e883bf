"""The scoring config: its versions, what an earlier one or a candidate would do to what stands, and putting one into force."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from starlette.responses import Response

from liendea_assets.core.errors import BadValue, SettingsError, UnknownRecord
from liendea_assets.core.home import default_config
from liendea_assets.core.settings import config_version
from liendea_assets.db.connection import to_records
from liendea_assets.scoring import preview_store
from liendea_assets.scoring.account_preview import largest_account_changes
from liendea_assets.scoring.candidates import list_candidates
from liendea_assets.scoring.config_history import apply_config, kept_content, list_versions, load_version
from liendea_assets.scoring.load import NAME, load_scoring_settings
from liendea_assets.scoring.preview import ScoringPreview, preview_config
from liendea_assets.scoring.preview_files import write_preview
from liendea_assets.scoring.preview_report import figures, headline, largest_changes, name_accounts, name_people, shown_ids
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.web.forms import Form
from liendea_assets.web.view import Done, View, get, note_access, post, send_file

SHOWN = 20


def show(view: View) -> Response:
    """The versions, the candidates, and the file as it is, to be changed and previewed."""
    path = view.home.config / NAME
    content = (path if path.is_file() else default_config() / NAME).read_text(encoding="utf-8")
    candidates = [path.name for path in list_candidates(view.home)]
    return view.show("scoring.html", versions=to_records(list_versions(view.home, view.db)), content=content, candidates=candidates)


def preview_known(view: View) -> Response:
    """What an earlier version would do now, or a file of config/candidates."""
    name, version = view.query("candidate"), view.query("version")
    if not name:
        settings = load_version(view.home, view.db, version)
        return _show_preview(view, settings, f"version {version}", kept_content(view.home, config_version(settings)))
    found = next((path for path in list_candidates(view.home) if path.name == name), None)
    if found is None:
        raise UnknownRecord("config/candidates has no such file")
    content = _decoded(found.read_bytes())
    with _as_file(content) as candidate:
        return _show_preview(view, load_scoring_settings(view.home, candidate), name, content)


def preview_candidate(view: View, form: Form) -> Response:
    """What a text or a file in the place of config/icp_scoring.yaml would do now. Nothing is stored."""
    content = _content(form)
    source = "the file that you gave" if form.file else "the text that you gave"
    with _as_file(content) as candidate:
        return _show_preview(view, load_scoring_settings(view.home, candidate), source, content)


def export_preview(view: View, form: Form) -> Response:
    """The same as a workbook with everybody in it."""
    with _as_file(_content(form)) as candidate:
        found = preview_config(view.db, load_scoring_settings(view.home, candidate))
        note_access(view.session.by, view.request.url.path, found.people["contact_id"].tolist())
        _, workbook = write_preview(view.db, found, candidate.parent, f"version {found.new_version}", SHOWN, view.now)
        return send_file(workbook)


def apply(view: View, form: Form) -> Done:
    """Puts exactly what was previewed into force; the former file is kept."""
    if form.text("sure") != "yes":
        raise BadValue("not applied: tick that you looked at what it would do, and apply again")
    with _as_file(_content(form)) as candidate:
        version = config_version(load_scoring_settings(view.home, candidate))
        if version != form.text("version") or config_version(load_scoring_settings(view.home)) != form.text("former"):
            raise BadValue("not applied: the config has changed since this was previewed; preview it again")
        applied = apply_config(view.home, candidate, view.now)
    text = (
        f"In force: version {applied.version}. The former file is kept: config/history/{applied.kept[0].name}. While `liendea dev` runs, "
        "everybody is scored by it within seconds; else with the next run."
    )
    return Done(text, f"scoring {applied.former_version} {applied.version}", "/scoring")


def _show_preview(view: View, settings: ScoringSettings, source: str, content: str | None) -> Response:
    found = preview_config(view.db, settings)
    ids = shown_ids(found, SHOWN)
    names = preview_store.read_names(view.db, ids)
    lists = [
        (title, to_records(name_people(people.head(SHOWN), names)), len(people)) for title, people in _lists(found).items() if len(people)
    ]
    accounts = largest_account_changes(found.accounts).head(SHOWN)
    companies = preview_store.read_company_names(view.db, accounts["company_id"].tolist())
    messages = found.messages.merge(names[["contact_id", "full_name"]], on="contact_id", how="left").head(SHOWN)
    former = config_version(load_scoring_settings(view.home))
    return view.show(
        "scoring_preview.html",
        about=[int(id_) for id_ in ids],
        source=source,
        headline=headline(found),
        figures=figures(found),
        tiers=to_records(found.tiers),
        causes=to_records(found.by_key()),
        lists=lists,
        messages=to_records(messages),
        accounts=to_records(name_accounts(accounts, companies)),
        account_count=len(found.accounts),
        content=content,
        version=found.new_version,
        former=former,
    )


def _lists(found: ScoringPreview) -> dict[str, pd.DataFrame]:
    return {
        "Who would enter the targets": found.entering(),
        "Who would leave the targets": found.leaving(),
        "Whose score would change the most": largest_changes(found, len(found.people)),
    }


def _content(form: Form) -> str:
    """The config that was sent, as a file or as text; a browser ends the lines of a text in its own way."""
    content = _decoded(form.file) if form.file else form.fields.get("content", "").replace("\r\n", "\n")
    if not content.strip():
        raise BadValue("a file, or the text of a config, is needed")
    return content


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadValue("the file is no text in UTF-8") from None


@contextmanager
def _as_file(content: str) -> Iterator[Path]:
    """A file of this content for as long as the block lasts; problems are told by its name, without its place."""
    with tempfile.TemporaryDirectory(prefix="liendea-") as folder:
        candidate = Path(folder) / NAME
        candidate.write_text(content, encoding="utf-8")
        try:
            yield candidate
        except SettingsError as problem:
            raise SettingsError(str(problem).replace(f"{folder}/", "")) from None


ROUTES = (
    get("/scoring", show),
    get("/scoring/preview", preview_known),
    post("/scoring/preview", preview_candidate, "/scoring"),
    post("/scoring/workbook", export_preview, "/scoring"),
    post("/scoring/apply", apply, "/scoring"),
)
