"""What an import of a file would do, without writing anything."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.db.connection import Database
from liendea_assets.imports.decision_file import holds_decisions
from liendea_assets.imports.decision_landing import check_file
from liendea_assets.imports.decision_layout import MERGE_DECISIONS
from liendea_assets.imports.inbox import TEXT_SUFFIXES, InboxFile, inspect_file
from liendea_assets.imports.landing import read_source, reason_of, settle_kind
from liendea_assets.imports.landing_slices import Lander
from liendea_assets.imports.linkedin_layout import holds_connections
from liendea_assets.imports.model import DEFAULT_MAPPING, Landed, SourcePart
from liendea_assets.imports.preview_decisions import DECISION_COLUMNS, would_decide
from liendea_assets.imports.preview_merges import MERGE_COLUMNS, would_merge
from liendea_assets.imports.propose_mapping import SAMPLE_ROWS, mapping_name, propose_addition, propose_mapping
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.sheet_tops import read_tops
from liendea_assets.imports.unread_columns import unread_columns


@dataclass(frozen=True, slots=True)
class PartPreview:
    """One table of the file.

    Attributes:
        header_number: the header's row; None in a CSV, whose rows are counted from the one below it.
        columns: `column_name`, `field` of each column that is known, in the file's order.
        unmapped: the names of the other columns.
        first_rows: the first rows as they would land, without fields that are empty in all of them.
        verdicts: `verdict`, `reason` (missing for accepted rows), `rows`; blank rows are `blank`.
        refusals: `column_name`, `field_name`, `value_class`, `reason`, `values`: values that would be left out, counted.
    """

    part: str
    header_number: int | None
    mapping: str
    columns: pd.DataFrame
    unmapped: tuple[str, ...]
    first_rows: pd.DataFrame
    verdicts: pd.DataFrame
    refusals: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import of a file would do.

    Attributes:
        error: why it cannot be imported; missing where it can.
        merges: `preview_merges.MERGE_COLUMNS`, a row for each row that would be merged.
        why_unknown: why nobody can tell whether rows would join contacts; `merges` then tells of rows of the file alone.
        decisions: `preview_decisions.DECISION_COLUMNS`, a row for each row of a list of decisions that says something.
        proposal: a mapping as YAML for a file whose layout nothing recognises, or one of whose columns that are not read resembles a
            field that it lacks; missing where there is none to make.
    """

    file_name: str
    kind: str
    error: str | None = None
    note: str | None = None
    parts: tuple[PartPreview, ...] = ()
    merges: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(MERGE_COLUMNS)))
    why_unknown: str | None = None
    decisions: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(DECISION_COLUMNS)))
    proposal: str | None = None


def preview(path: Path, settings: ImportSettings, db: Database | None, first_rows: int = 5, why_unknown: str | None = None) -> Preview:
    """Reads a file as an import would.

    Args:
        db: what is known so far, only read; None where there is nothing that could be read.
        first_rows: how many rows to show of each table.
        why_unknown: why there is no database to compare with.
    """
    resolved = path.resolve()
    found = inspect_file(resolved, resolved.parent)
    if found is None:
        return Preview(path.name, "unknown", error="there is no such file any more")
    file = settle_kind(replace(found, name=path.name), settings)
    try:
        source = read_source(file, settings)
        is_list = holds_decisions(source)
        if holds_connections(source):
            file = replace(file, kind="linkedin_export")
    except (UnreadableFile, OSError) as problem:
        return Preview(file.name, file.kind, error=reason_of(problem), proposal=_propose(file, settings))
    if is_list:
        landed = check_file(db, source, settings, file.name)
        shown = Preview(file.name, MERGE_DECISIONS, decisions=would_decide(file.name, landed, db), why_unknown=why_unknown)
    else:
        lander = Lander(file.kind, file.name, settings)
        landed = [lander.land(lander.table(part)).landed for part in source.parts]
        shown = Preview(file.name, file.kind, merges=would_merge(landed, db, settings), why_unknown=why_unknown)
    parts = tuple(_describe(part, table, first_rows) for part, table in zip(source.parts, landed, strict=True))
    proposal = None if is_list or file.kind == "linkedin_export" else _propose_more(file, source.parts, settings)
    return replace(shown, note=source.note, parts=parts, proposal=proposal)


def _propose(file: InboxFile, settings: ImportSettings) -> str | None:
    if file.kind != "gtm_workbook" and file.path.suffix.lower() not in TEXT_SUFFIXES:
        return None
    try:
        tops = read_tops(file.path, file.kind, settings.header_search_rows + SAMPLE_ROWS, settings.workbook_limits)
    except (UnreadableFile, OSError):
        return None
    proposals = [found for ways in tops for rows in ways if (found := propose_mapping(rows, settings)) is not None]
    if not proposals:
        return None
    best = max(proposals, key=lambda proposal: len(proposal.fields))
    return best.to_yaml(mapping_name(file.name), settings)


def _propose_more(file: InboxFile, parts: list[SourcePart], settings: ImportSettings) -> str | None:
    """Columns to read beside those that the general names tell; what a mapping leaves out it leaves out on purpose."""
    found = (propose_addition(part, settings) for part in parts if part.mapping == DEFAULT_MAPPING)
    best = max((proposal for proposal in found if proposal is not None), key=lambda proposal: len(proposal.fields), default=None)
    return None if best is None else best.to_yaml(mapping_name(file.name), settings)


def _describe(part: SourcePart, landed: Landed, first_rows: int) -> PartPreview:
    columns = pd.DataFrame(
        [(part.header[position], field_name) for position, field_name in sorted(part.columns.items())], columns=["column_name", "field"]
    )
    unmapped = unread_columns(part)
    shown = landed.rows.head(first_rows).drop(columns=["part", "row_hash"], errors="ignore").dropna(axis="columns", how="all")
    return PartPreview(
        part.part, part.header_number, part.mapping, columns, unmapped, shown, _count_verdicts(landed, part.blank), _count_refusals(landed)
    )


def _count_verdicts(landed: Landed, blank: int) -> pd.DataFrame:
    whole = landed.rejections[landed.rejections["field_name"].isna()]
    counts: list[tuple[str, str | None, int]] = [("accepted", None, int((landed.rows["verdict"] == "accepted").sum()))]
    counts += [("rejected", str(reason), int(rows)) for reason, rows in whole["reason"].value_counts().items()]
    # of a list of decisions the rows that nobody has decided are blank, too
    counts.append(("blank", None, blank + int((landed.rows["verdict"] == "blank").sum())))
    return pd.DataFrame(counts, columns=["verdict", "reason", "rows"])


def _count_refusals(landed: Landed) -> pd.DataFrame:
    names = ["column_name", "field_name", "value_class", "reason"]
    values = landed.rejections[landed.rejections["field_name"].notna()]
    return values.groupby(names, dropna=False, sort=True).size().rename("values").reset_index()
