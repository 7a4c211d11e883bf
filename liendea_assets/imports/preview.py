"""What an import of a file would do, without writing anything."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.db.connection import Database
from liendea_assets.imports.decision_file import holds_decisions
from liendea_assets.imports.decision_landing import check_file
from liendea_assets.imports.decision_layout import MERGE_DECISIONS
from liendea_assets.imports.gtm_csv import kind_of_csv, read_csv
from liendea_assets.imports.gtm_workbook import read_workbook
from liendea_assets.imports.inbox import kind_of
from liendea_assets.imports.linkedin_export import read_export
from liendea_assets.imports.model import Landed, SourceFile, SourcePart
from liendea_assets.imports.normalize import land_gtm, land_linkedin
from liendea_assets.imports.preview_decisions import DECISION_COLUMNS, would_decide
from liendea_assets.imports.preview_merges import MERGE_COLUMNS, would_merge
from liendea_assets.imports.propose_mapping import SAMPLE_ROWS, mapping_name, propose_mapping
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.sheet_tops import read_tops

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")


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
        decisions: `preview_decisions.DECISION_COLUMNS`, a row for each row of a list of decisions that says something.
        proposal: a mapping as YAML for a file whose layout nothing recognises; missing where there is none to make.
    """

    file_name: str
    kind: str
    error: str | None = None
    note: str | None = None
    parts: tuple[PartPreview, ...] = ()
    merges: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(MERGE_COLUMNS)))
    decisions: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(DECISION_COLUMNS)))
    proposal: str | None = None


def preview(path: Path, settings: ImportSettings, db: Database | None, first_rows: int = 5) -> Preview:
    """Reads a file as an import would.

    Args:
        db: what is known so far, only read; None where there is nothing yet.
        first_rows: how many rows to show of each table.
    """
    kind = _kind_of(path, settings)
    try:
        source = _read(path, kind, settings)
        kind = MERGE_DECISIONS if holds_decisions(source) else kind
    except UnreadableFile as error:
        return Preview(path.name, kind, error=str(error), proposal=_propose(path, kind, settings))
    landed = check_file(db, source, settings) if kind == MERGE_DECISIONS else _land(path, kind, source, settings)
    parts = tuple(_describe(part, table, first_rows) for part, table in zip(source.parts, landed, strict=True))
    if kind == MERGE_DECISIONS:
        return Preview(path.name, kind, note=source.note, parts=parts, decisions=would_decide(path.name, landed, db))
    return Preview(path.name, kind, note=source.note, parts=parts, merges=would_merge(landed, db, settings))


def _kind_of(path: Path, settings: ImportSettings) -> str:
    kind = kind_of(path)
    if kind == "gtm_workbook" or path.suffix.lower() not in TEXT_SUFFIXES:
        return kind
    return kind_of_csv(path, settings)


def _read(path: Path, kind: str, settings: ImportSettings) -> SourceFile:
    if kind == "linkedin_export":
        return read_export(path, settings)
    if kind == "gtm_workbook":
        return read_workbook(path, settings)
    if path.suffix.lower() in TEXT_SUFFIXES:
        return read_csv(path, settings)
    raise UnreadableFile("an unknown kind of file; expected are XLSX workbooks, CSV files and LinkedIn export ZIPs")


def _land(path: Path, kind: str, source: SourceFile, settings: ImportSettings) -> list[Landed]:
    if kind == "linkedin_export":
        return [land_linkedin(part, settings) for part in source.parts]
    return [land_gtm(part, settings, path.name) for part in source.parts]


def _propose(path: Path, kind: str, settings: ImportSettings) -> str | None:
    if kind != "gtm_workbook" and path.suffix.lower() not in TEXT_SUFFIXES:
        return None
    try:
        tops = read_tops(path, kind, settings.header_search_rows + SAMPLE_ROWS)
    except UnreadableFile:
        return None
    proposals = [found for ways in tops.values() for rows in ways if (found := propose_mapping(rows, settings)) is not None]
    if not proposals:
        return None
    best = max(proposals, key=lambda proposal: len(proposal.fields))
    return best.to_yaml(mapping_name(path.name), settings)


def _describe(part: SourcePart, landed: Landed, first_rows: int) -> PartPreview:
    columns = pd.DataFrame(
        [(part.header[position], field_name) for position, field_name in sorted(part.columns.items())], columns=["column_name", "field"]
    )
    unmapped = tuple(name for position, name in enumerate(part.header) if position not in part.columns and name.strip())
    shown = landed.rows.head(first_rows).drop(columns="part").dropna(axis="columns", how="all")
    return PartPreview(
        part.part, part.header_number, part.mapping, columns, unmapped, shown, _count_verdicts(landed), _count_refusals(landed)
    )


def _count_verdicts(landed: Landed) -> pd.DataFrame:
    whole = landed.rejections[landed.rejections["field_name"].isna()]
    counts: list[tuple[str, str | None, int]] = [("accepted", None, int((landed.rows["verdict"] == "pending").sum()))]
    counts += [("rejected", str(reason), int(rows)) for reason, rows in whole["reason"].value_counts().items()]
    # of a list of decisions the rows that nobody has decided are blank, too
    counts.append(("blank", None, landed.blank + int((landed.rows["verdict"] == "blank").sum())))
    return pd.DataFrame(counts, columns=["verdict", "reason", "rows"])


def _count_refusals(landed: Landed) -> pd.DataFrame:
    names = ["column_name", "field_name", "value_class", "reason"]
    values = landed.rejections[landed.rejections["field_name"].notna()]
    return values.groupby(names, dropna=False, sort=True).size().rename("values").reset_index()
