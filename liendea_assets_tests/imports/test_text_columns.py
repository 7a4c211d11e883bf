import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.core.text import fold
from liendea_assets.imports.text_columns import fold_column


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(),
            st.text(st.characters(max_codepoint=0x7F)),
            st.sampled_from(["O'Brien-Smith", "ÅSA", "x_y", "İ", "straße"]),
        )
    )
)
def test_a_column_is_folded_as_each_of_its_values_is(values: list[str | None]) -> None:
    folded = fold_column(pd.Series(values, dtype="str"))

    assert [None if pd.isna(value) else value for value in folded] == [None if value is None else fold(value) for value in values]
