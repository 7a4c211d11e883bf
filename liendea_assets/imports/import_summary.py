"""A page per file in the inbox: what became of every row, what was refused, and why rows were merged. Counts and places only."""

import os
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database, to_records
from liendea_assets.imports import file_account_store
from liendea_assets.imports.decision_layout import MERGE_DECISIONS
from liendea_assets.imports.rejects import rejects_path

MEANINGS = {
    "imported": "made a new contact",
    "merged": "belong to a contact that was known, or to another row of the file",
    "rejected": "could not be read; the reasons stand below",
    "blank": "hold nothing",
}
# of a list of decisions about who is one
MEANINGS_OF_DECISIONS = {
    "imported": "made a decision",
    "merged": "say what was decided already, or what the former version of the file said",
    "rejected": "could not be read; the reasons stand below",
    "blank": "hold nothing, or no decision yet",
}


def write_summaries(db: Database, home: Home) -> list[Path]:
    """Writes the page of every file whose account is new or has changed. Returns the pages written."""
    folder = home.make_private_folder(home.reports / "imports")
    template = Environment(
        loader=PackageLoader("liendea_assets.imports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    ).get_template("import_summary.html")
    written = []
    for file in to_records(file_account_store.list_files(db, with_former=True)):
        page = template.render(_content(db, home, folder, file))
        path = folder / f"{file['id']:05}.html"
        if not path.exists() or path.read_text(encoding="utf-8") != page:
            draft = path.with_name(f".{path.name}.{os.getpid()}")
            draft.write_text(page, encoding="utf-8")
            os.replace(draft, path)
            written.append(path)
    return written


def _content(db: Database, home: Home, folder: Path, file: dict[str, Any]) -> dict[str, object]:
    rejects = rejects_path(home.exports / "rejects", file["name"], file["sha256"])
    is_decisions = file["kind"] == MERGE_DECISIONS
    meanings = MEANINGS_OF_DECISIONS if is_decisions else MEANINGS
    return {
        "file": file,
        "is_decisions": is_decisions,
        "is_linkedin": file["kind"] == "linkedin_export",
        "replaced_by": file["replaced_by"],
        "account": [{"verdict": verdict, "rows": file[verdict], "meaning": meaning} for verdict, meaning in meanings.items()],
        "refused": to_records(file_account_store.count_refused(db, file["id"])),
        "reasons": to_records(file_account_store.count_reasons(db, file["id"])),
        "rejects": os.path.relpath(rejects, folder).replace(os.sep, "/") if rejects.exists() else None,
    }
