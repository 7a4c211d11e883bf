"""Comparing columns of text as `core.text.fold` compares one: the plain cases at once, the others one by one."""

import pandas as pd

from liendea_assets.core.text import fold


def fold_column(column: pd.Series) -> pd.Series:
    """`fold` of each value; missing stays missing.

    Of ASCII only letters and digits are left, so that no case folding or decomposition is needed; most names are ASCII.
    """
    is_plain = column.str.fullmatch(r"[\x00-\x7f]*", na=True).astype(bool)
    folded = column.str.lower().str.replace(r"[^a-z0-9]+", " ", regex=True).str.strip()
    if not is_plain.all():
        folded[~is_plain] = column[~is_plain].map(fold)
    return folded
