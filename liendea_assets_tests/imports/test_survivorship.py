from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from liendea_assets.imports.row_keys import hash_text
from liendea_assets.imports.survivorship import best_names, best_rows, commonest_spellings

ORDER: Mapping[str, Sequence[str]] = {"": ("gtm", "linkedin")}


def best_values(frame: pd.DataFrame, by: str, fields: Sequence[str], order: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The values of the rows that count."""
    frame = frame if "lineage" in frame else frame.assign(lineage=1)
    filled = {field: frame[field].notna().to_numpy() for field in fields}
    places = best_rows(frame, frame[by].to_numpy(dtype="int64"), filled, order)
    return pd.DataFrame({field: frame[field].reset_index(drop=True).reindex(places[field]).array for field in fields}, index=places.index)


def best(
    *rows: tuple[str, int, int, str | None],
    order: Mapping[str, Sequence[str]] = ORDER,
    is_current: Sequence[int] = (),
    lineage: Sequence[int] | None = None,
) -> str | None:
    """The title that survives of (source, file_rank, row_hash, title)."""
    frame = pd.DataFrame(rows, columns=["source", "file_rank", "row_hash", "title"], dtype=object).assign(id=1, is_current=1)
    frame["lineage"] = frame["file_rank"].astype("int64") if lineage is None else list(lineage)
    if is_current:
        frame["is_current"] = list(is_current)
    value = best_values(frame, "id", ["title"], order)["title"].iloc[0]
    return None if pd.isna(value) else str(value)


def test_the_first_named_source_wins_however_old_it_is() -> None:
    assert best(("linkedin", 9, 1, "new"), ("gtm", 1, 1, "old")) == "old"


def test_a_field_may_have_an_order_of_its_own() -> None:
    rows = (("linkedin", 1, 1, "theirs"), ("gtm", 9, 1, "ours"))

    assert best(*rows, order={**ORDER, "title": ("linkedin", "gtm")}) == "theirs"
    assert best(*rows, order={**ORDER, "country": ("linkedin", "gtm")}) == "ours"


def test_without_an_order_the_newest_file_wins_whatever_its_source() -> None:
    assert best(("linkedin", 9, 1, "new"), ("gtm", 1, 1, "old"), order={**ORDER, "title": ()}) == "new"


def test_within_a_source_the_newest_file_wins() -> None:
    assert best(("gtm", 1, 5, "old"), ("gtm", 2, 1, "new")) == "new"


def test_a_row_that_its_file_no_longer_has_comes_last() -> None:
    assert best(("gtm", 2, 1, "gone"), ("linkedin", 1, 1, "current"), is_current=[0, 1]) == "current"
    assert best(("gtm", 2, 1, "gone"), ("linkedin", 1, 1, None), is_current=[0, 1]) == "gone"


def test_within_a_file_the_row_that_says_most_wins_wherever_it_stands() -> None:
    frame = pd.DataFrame(
        {"source": "gtm", "file_rank": 1, "row_hash": [1, 2], "is_current": 1, "id": 1, "title": ["VP", "CEO"], "country": [None, "DE"]},
        dtype=object,
    )

    assert best_values(frame, "id", ["title", "country"], ORDER)["title"].tolist() == ["CEO"]
    assert best_values(frame.iloc[::-1], "id", ["title", "country"], ORDER)["title"].tolist() == ["CEO"]


def test_rows_that_say_as_much_are_told_apart_by_content_and_not_by_place() -> None:
    assert best(("gtm", 1, 5, "five"), ("gtm", 1, 4, "four")) == best(("gtm", 1, 4, "four"), ("gtm", 1, 5, "five")) == "four"


def test_a_missing_value_never_wins() -> None:
    assert best(("gtm", 2, 1, None), ("gtm", 1, 1, None), ("linkedin", 1, 1, "known")) == "known"
    assert best(("gtm", 1, 1, None)) is None


def test_a_source_that_is_not_named_comes_last() -> None:
    assert best(("owner", 9, 1, "owner"), ("linkedin", 1, 1, "linkedin")) == "linkedin"


def test_values_of_one_group_may_come_from_several_rows() -> None:
    frame = pd.DataFrame(
        {
            "source": "gtm",
            "file_rank": [1, 2],
            "row_hash": [1, 2],
            "is_current": 1,
            "id": 1,
            "title": ["VP", None],
            "country": ["US", "DE"],
        },
        dtype=object,
    )

    assert best_values(frame, "id", ["title", "country"], ORDER).iloc[0].tolist() == ["VP", "DE"]


def name(*spellings: str | None) -> str | None:
    names = pd.Series(list(spellings), dtype="str")
    found = commonest_spellings(np.ones(len(names), dtype=np.int64), hash_text(names))
    chosen = best_names(found.assign(name=names.reindex(found["place"]).array))
    return None if chosen.empty else str(chosen.iloc[0])


def test_a_company_bears_the_spelling_that_most_rows_use() -> None:
    assert name("Acme", "Acme Labs Inc.", "Acme", None) == "Acme"
    assert name("ACME LABS", "ACME LABS", "Acme Labs") == "ACME LABS"


def test_among_equals_the_one_that_does_not_shout_wins_then_the_longer_then_the_first() -> None:
    assert name("ACME LABS INC", "Acme") == "Acme"
    assert name("Acme", "Acme Labs") == "Acme Labs"
    assert name("Acme Labs", "Acme Lab s") == "Acme Lab s"
    assert name("Bcme", "Acme") == name("Acme", "Bcme") == "Acme"


def test_a_company_that_no_row_names_has_no_name() -> None:
    assert name(None) is None


def test_what_a_file_said_before_counts_only_of_somebody_whom_it_does_not_name_any_more() -> None:
    emptied = [("gtm", 1, 1, "VP"), ("gtm", 2, 2, None)]

    assert best(*emptied, is_current=(0, 1), lineage=(1, 1)) is None
    assert best(*emptied, is_current=(0, 1), lineage=(1, 2)) == "VP"
    assert best(emptied[0], is_current=(0,), lineage=(1,)) == "VP"
