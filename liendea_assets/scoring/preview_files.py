"""A preview as files for its owner alone: the HTML page, and a workbook with everybody in it. Both hold personal data."""

import os
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from liendea_assets.db.connection import Database, to_rows
from liendea_assets.imports.sheets import Sheet, write_sheets
from liendea_assets.scoring import preview_store
from liendea_assets.scoring.preview import ScoringPreview
from liendea_assets.scoring.preview_report import figures, headline, name_accounts, name_people, render_html

_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")
# in characters of the standard font
_WIDTHS = {"full_name": 24, "title": 28, "company_name": 24, "because_of": 22, "what_differs": 90, "what": 40, "campaign": 20}
_USUAL_WIDTH = 13


def write_preview(db: Database, found: ScoringPreview, folder: Path, source: str, limit: int, now: datetime) -> list[Path]:
    """Writes `scoring-preview-<source>-<version>.html` and `.xlsx`, each whole or not at all, readable by their owner alone.

    Args:
        source: what was previewed, a file's name or a version. limit: people in each list of the page; the workbook has them all.
    """
    names = preview_store.read_names(db, found.people["contact_id"].tolist())
    companies = preview_store.read_company_names(db, found.accounts["company_id"].tolist())
    named = "" if found.new_version in source else f"{_NOT_IN_A_NAME.sub('_', source.replace('.yaml', ''))[:60]}-"
    stem = f"scoring-preview-{named}{found.new_version}"
    page, workbook = folder / f"{stem}.html", folder / f"{stem}.xlsx"
    _write_page(page, render_html(found, names, companies, limit, source, now))
    write_workbook(workbook, found, names, companies, source)
    return [page, workbook]


def write_workbook(path: Path, found: ScoringPreview, names: pd.DataFrame, companies: pd.DataFrame, source: str) -> None:
    """Sheets: Summary, Priorities, Causes, People (all whose score, priority or place among the targets differs), Messages, Accounts.

    No cell is a formula, whatever a name begins with.
    """
    people = name_people(found.people, names)
    messages = found.messages.merge(names[["contact_id", "full_name", "company_name"]], on="contact_id", how="left")
    summary = [("Previewed", source), ("Config", headline(found)), *figures(found).items()]
    tables = [("Priorities", found.tiers), ("Causes", found.by_key()), ("People", people), ("Messages", messages)]
    tables.append(("Accounts", name_accounts(found.accounts, companies)))
    write_sheets(path, [_sheet("Summary", ("what", "value"), summary), *(_table(title, table) for title, table in tables)])


def _table(title: str, table: pd.DataFrame) -> Sheet:
    return _sheet(title, list(table.columns), to_rows(table, list(table.columns)))


def _sheet(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Sheet:
    headers = {name: name.replace("_", " ") for name in columns}
    return Sheet(title, list(headers.values()), rows, {headers[name]: _WIDTHS[name] for name in columns if name in _WIDTHS}, _USUAL_WIDTH)


def _write_page(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
