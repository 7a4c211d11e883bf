"""Whole columns of a million rows at once: SQLite joins a column to one text, which numpy or one split reads."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from sqlite_utils import Database

if TYPE_CHECKING:
    import pandas as pd

# whole: int64, never NULL; number: float64, NULL is NaN; text: category; words: object, many distinct values, never NULL
ColumnKind = Literal["whole", "number", "text", "words"]

# control characters that end a text, and stand for none; imports let no control character through
_END, _NONE = "\x1f", "\x1e"
_JOINED = {
    "whole": "group_concat({name})",
    # the nearest double is read back exactly
    "number": "group_concat(CASE typeof({name}) WHEN 'integer' THEN {name} WHEN 'null' THEN 'nan' ELSE printf('%!.17g', {name}) END)",
    "text": f"group_concat(coalesce({{name}}, '{_NONE}'), '{_END}')",
    "words": f"group_concat({{name}}, '{_END}')",
}


def read_columns(
    db: Database, sql: str, columns: Mapping[str, ColumnKind], slices: Iterable[Mapping[str, object]] = ({},)
) -> "pd.DataFrame":
    """The rows of a query, one slice of parameters after the other.

    A million rows of ten columns take 2 s and little more memory than the frame; by way of Python's tuples 6 s. Numbers are doubles.

    A control character that ends texts here is a blank in what is read; no import lets one through.
    """
    import numpy as np
    import pandas as pd

    joined = ", ".join(_JOINED[kind].format(name=name) for name, kind in columns.items())
    found: dict[str, list[Any]] = {name: [] for name in columns}
    lookups: dict[str, dict[str, int]] = {name: {_NONE: -1} for name, kind in columns.items() if kind == "text"}
    for parameters in slices:
        count, *texts = db.conn.execute(f"SELECT count(*), {joined} FROM ({sql})", dict(parameters)).fetchone()
        for (name, kind), text in zip(columns.items(), texts, strict=True):
            if not count:
                continue
            values: Any
            if kind in ("whole", "number"):
                values = np.fromstring(text, dtype=np.int64 if kind == "whole" else np.float64, sep=",")
            else:
                values = text.split(_END)
                if len(values) != count:
                    cleaned = _JOINED[kind].format(name=f"replace({name}, '{_END}', ' ')")
                    values = db.conn.execute(f"SELECT {cleaned} FROM ({sql})", dict(parameters)).fetchone()[0].split(_END)
                if kind == "text":
                    values = _codes(values, lookups[name])
            found[name].append(values)
    frame = {}
    for name, kind in columns.items():
        if kind == "words":
            frame[name] = pd.Series([value for part in found[name] for value in part], dtype=object)
        elif kind == "text":
            codes = np.concatenate([np.zeros(0, dtype=np.int64), *found[name]])
            frame[name] = pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(list(lookups[name])[1:], dtype=object)))
        else:
            dtype = np.int64 if kind == "whole" else np.float64
            frame[name] = pd.Series(np.concatenate([np.zeros(0, dtype=dtype), *found[name]]))
    return pd.DataFrame(frame)


def _codes(texts: list[str], lookup: dict[str, int]) -> Any:
    """Positions of texts among the distinct ones; new ones are added. The first entry of the look-up is none, -1."""
    import numpy as np

    for text in dict.fromkeys(texts):
        if text not in lookup:
            lookup[text] = len(lookup) - 1
    return np.fromiter(map(lookup.__getitem__, texts), dtype=np.int64, count=len(texts))
