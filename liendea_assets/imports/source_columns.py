"""The cells of a table by field: cleaned, without what means nothing, and with the constants that imports.yaml gives."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.distinct import DistinctColumn, to_distinct
from liendea_assets.imports.headers import FEWEST_FIELDS
from liendea_assets.imports.model import SourcePart
from liendea_assets.imports.values import clean_texts


class SourceColumns:
    """A table's columns, each encoded once and let go once it is read."""

    def __init__(self, part: SourcePart, null_values: Iterable[str], constants: Mapping[str, str]) -> None:
        self._part = part
        self._nulls = {null.casefold() for null in null_values}
        self._constants = constants
        self._raw = {position: to_distinct(part.cells[position]) for position in part.columns}

    def find_repeated_headers(self, fields: Mapping[str, str]) -> np.ndarray:
        """Which rows hold nothing but names of their own columns, as where two tables were put one below the other.

        Args:
            fields: folded column name → field.
        """
        is_candidate = np.ones(len(self._part.cells), dtype=bool)
        filled = np.zeros(len(self._part.cells), dtype=np.int32)
        # few rows are left after a column of few values, so that folding the many values of another costs nothing
        for position, column in sorted(self._raw.items(), key=lambda item: len(item[1].values)):
            left = np.unique(column.codes[is_candidate & (column.codes >= 0)])
            texts = column.values.iloc[left]
            names = [code for code, text in zip(left, texts, strict=True) if fields.get(fold(text)) == self._part.columns[position]]
            is_blank = np.append(column.values.str.strip().eq("").to_numpy(dtype=bool), True)[column.codes]
            is_name = np.isin(column.codes, names)
            filled += is_name
            is_candidate &= is_name | is_blank
            if not is_candidate.any():
                return is_candidate
        return is_candidate & (filled >= FEWEST_FIELDS)

    def take(self, field: str) -> list[tuple[str | None, DistinctColumn]]:
        """The columns that are one field, with the source's own names, in its order; at last the constant, without a name, for rows
        that say nothing of their own.

        A column is taken once: its memory is let go.
        """
        found: list[tuple[str | None, DistinctColumn]] = []
        for position in [position for position, name in self._part.columns.items() if name == field]:
            column = self._raw.pop(position)
            cleaned = self._without_nulls(clean_texts(column.values))
            found.append((self._part.header[position], DistinctColumn(cleaned, column.codes)))
        constant = self._constants.get(field)
        if constant is not None:
            is_silent = np.ones(len(self._part.cells), dtype=bool)
            for _, column in found:
                is_silent &= np.append(column.values.isna().to_numpy(dtype=bool), True)[column.codes]
            found.append((None, DistinctColumn(pd.Series([constant], dtype="str"), np.where(is_silent, 0, -1).astype(np.int64))))
        return found

    def _without_nulls(self, values: pd.Series) -> pd.Series:
        longest = max((len(null) for null in self._nulls), default=0)
        is_short = (values.str.len() <= longest).fillna(False).to_numpy(dtype=bool)
        empty = [position for position, text in values[is_short].items() if text.casefold() in self._nulls]
        return values.mask(values.index.isin(empty)) if empty else values
