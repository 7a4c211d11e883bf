"""What every asset tells Dagster about its table: rows, schema, a masked preview, a data version, checks.

Personal data never goes into metadata: a preview shows only the columns that the asset names as harmless, and masks the rest.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pandas as pd
from sqlite_utils.db import Table

from liendea_assets.db.connection import Database

PREVIEW_ROWS = 5
MASK = "•••"


def table_result(
    db: Database,
    table: str,
    *,
    shown: Sequence[str],
    where: str = "1 = 1",
    content: pd.DataFrame | None = None,
    version: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    checks: Sequence[dg.AssetCheckResult] = (),
) -> dg.MaterializeResult:
    """The result of an asset that is a table.

    Args:
        shown: columns whose values the preview may show.
        where: which of the table's rows are the asset's, as a condition.
        content: the table's content without times of writing; equal content gives an equal data version.
        version: for a table too large for that, what changes whenever its content does.
    """
    described: dict[str, Any] = {
        "dagster/row_count": db[table].count_where(where),
        "dagster/column_schema": _schema(db, table),
        "preview": dg.MetadataValue.md(_preview(db, table, shown, where)),
        **(metadata or {}),
    }
    told = version if content is None else content_version(content)
    return dg.MaterializeResult(metadata=described, check_results=list(checks), data_version=dg.DataVersion(told) if told else None)


def check(
    name: str, passed: bool, *, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR, **metadata: Any
) -> dg.AssetCheckResult:
    """The outcome of a check, with the counts that it rests on."""
    return dg.AssetCheckResult(check_name=name, passed=bool(passed), severity=severity, metadata=metadata)


def content_version(content: pd.DataFrame) -> str:
    """A hash of the rows in their order."""
    rows = pd.util.hash_pandas_object(content.astype(str), index=False).to_numpy()
    return hashlib.sha256(rows.tobytes()).hexdigest()[:16]


def as_markdown_table(frame: pd.DataFrame) -> str:
    """A small frame for a Markdown field."""
    lines = ["| " + " | ".join(map(str, frame.columns)) + " |", "|" + " --- |" * len(frame.columns)]
    rows = frame.astype(object).where(frame.notna(), "").itertuples(index=False)
    lines += ["| " + " | ".join(str(value).replace("|", "\\|").replace("\n", " ") for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _preview(db: Database, table: str, shown: Sequence[str], where: str) -> str:
    rows = list(db[table].rows_where(where, limit=PREVIEW_ROWS))
    columns = [column.name for column in db[table].columns]
    masked = [[row[name] if name in shown or row[name] is None else MASK for name in columns] for row in rows]
    return as_markdown_table(pd.DataFrame(masked, columns=columns, dtype=object))


def _schema(db: Database, table: str) -> dg.TableSchema:
    # what is shown may be a view, which has neither
    found = db[table]
    unique = (
        {index.columns[0] for index in found.indexes if index.unique and len(index.columns) == 1} if isinstance(found, Table) else set()
    )
    references = {key.column: f"references {key.other_table}" for key in found.foreign_keys} if isinstance(found, Table) else {}
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                type=column.type.lower(),
                constraints=dg.TableColumnConstraints(
                    nullable=not (column.notnull or column.is_pk),
                    unique=bool(column.is_pk) or column.name in unique,
                    other=[references[column.name]] if column.name in references else [],
                ),
            )
            for column in found.columns
        ]
    )
