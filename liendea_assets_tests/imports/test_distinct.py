"""Distinct values are read one by one where no faster way reads them, and refused one by one."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.imports.amounts import parse_employee_count
from liendea_assets.imports.distinct import parse_distinct


def read_number(text: str) -> float:
    if text == "bad":
        raise ValueError("no number")
    return float(text)


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "str"])
@given(cells=st.lists(st.sampled_from([None, "bad", "5", "7"]), max_size=6))
def test_missing_unreadable_and_good_values_may_stand_in_any_order(dtype: str, cells: list[str | None]) -> None:
    read = parse_distinct(
        pd.Series(cells, dtype="str"), read_number if dtype != "str" else lambda text: str(read_number(text)), None, dtype
    )

    assert str(read.values.dtype) == dtype
    assert [None if pd.isna(value) else float(value) for value in read.values] == [
        None if cell in (None, "bad") else float(str(cell)) for cell in cells
    ]
    assert set(read.reasons) == {place for place, cell in enumerate(cells) if cell == "bad"}


def test_a_plain_way_comes_first() -> None:
    values = pd.Series(["5", None, "1.2k", "many"], dtype="str")

    read = parse_distinct(values, parse_employee_count, lambda texts: texts.where(texts == "5").astype("Int64"), "Int64")

    assert read.values.tolist() == [5, pd.NA, 1200, pd.NA]
    assert list(read.reasons) == [3]
