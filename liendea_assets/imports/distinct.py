"""Columns as their distinct values: each is read once, however many rows have it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liendea_assets.imports.links import SIGNS

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Parser = Callable[[str], object]
# takes distinct texts, answers the plain ones and leaves the others missing
PlainParser = Callable[[pd.Series], pd.Series]


@dataclass(frozen=True, slots=True)
class DistinctColumn:
    """A column of text.

    Attributes:
        values: the distinct values, `str`.
        codes: for each row the position of its value, -1 where it has none.
    """

    values: pd.Series
    codes: Ints

    def to_rows(self, values: pd.Series) -> pd.Series:
        """One value per row of a column that has one per distinct value."""
        taken = values.array.take(self.codes, allow_fill=True)
        return pd.Series(taken)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of distinct values.

    Attributes:
        values: read, missing where refused.
        reasons: position of a value → why it was refused.
    """

    values: pd.Series
    reasons: dict[int, str]


def to_distinct(column: pd.Series) -> DistinctColumn:
    """The distinct values of a column of text in order of their first row."""
    array = pa.array(column.array, type=pa.large_string(), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    encoded = pc.dictionary_encode(array)
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return DistinctColumn(pd.Series(encoded.dictionary.to_pandas(), dtype="str"), codes)


def parse_distinct(values: pd.Series, parse: Parser, find_plain: PlainParser | None = None, dtype: str = "str") -> Parsed:
    """Reads distinct texts, the plain ones all at once.

    Args:
        values: distinct texts, `str`, index 0 … n-1; missing ones stay so.
        parse: reads one text; ValueError is a refusal.
        find_plain: reads what is plain; `parse` then reads only the rest.
        dtype: of the values read.
    """
    read = find_plain(values) if find_plain is not None else pd.Series(pd.NA, index=values.index, dtype=dtype)
    is_left = (read.isna() & values.notna()).to_numpy(dtype=bool)
    left = values[is_left]
    found: list[object] = []
    reasons: dict[int, str] = {}
    for position, text in zip(left.index.tolist(), left.tolist(), strict=True):
        try:
            found.append(parse(text))
        except ValueError as error:
            found.append(None)
            reasons[position] = str(error)
    if len(left):
        # by position: by label pandas fails where missing, unreadable and whole numbers meet
        array = read.array.copy()
        array[is_left] = pd.Series(found, dtype=dtype).array
        read = pd.Series(array, index=values.index)
    return Parsed(read, reasons)


def has_link(values: pd.Series) -> pd.Series:
    """Whether a text holds a link in a spreadsheet's, Markdown's or HTML's notation."""
    return values.str.contains(SIGNS).fillna(False).astype(bool)
