import pandas as pd

from liendea_assets.imports.survivorship import best_values, company_names

ORDER = ("gtm", "linkedin")


def best(*rows: tuple[str, int, int, str | None]) -> str | None:
    """The title that survives of (source, file_id, row_id, title)."""
    frame = pd.DataFrame(rows, columns=["source", "file_id", "row_id", "title"], dtype=object).assign(id=1)
    value = best_values(frame, "id", ["title"], ORDER)["title"].iloc[0]
    return None if pd.isna(value) else str(value)


def test_the_first_named_source_wins_however_old_it_is() -> None:
    assert best(("linkedin", 9, 1, "new"), ("gtm", 1, 1, "old")) == "old"


def test_within_a_source_the_newest_file_wins() -> None:
    assert best(("gtm", 1, 5, "old"), ("gtm", 2, 1, "new")) == "new"


def test_within_a_file_the_lowest_row_wins() -> None:
    assert best(("gtm", 1, 5, "second"), ("gtm", 1, 4, "first")) == "first"


def test_a_missing_value_never_wins() -> None:
    assert best(("gtm", 2, 1, None), ("gtm", 1, 1, None), ("linkedin", 1, 1, "known")) == "known"
    assert best(("gtm", 1, 1, None)) is None


def test_a_source_that_is_not_named_comes_last() -> None:
    assert best(("owner", 9, 1, "owner"), ("linkedin", 1, 1, "linkedin")) == "linkedin"


def test_values_of_one_group_may_come_from_several_rows() -> None:
    frame = pd.DataFrame(
        {"source": "gtm", "file_id": [1, 2], "row_id": [1, 2], "id": 1, "title": ["VP", None], "country": ["US", "DE"]}, dtype=object
    )

    assert best_values(frame, "id", ["title", "country"], ORDER).iloc[0].tolist() == ["VP", "DE"]


def name(*spellings: str | None) -> str | None:
    names = company_names(pd.DataFrame({"id": 1, "company_name": list(spellings)}, dtype=object), "id")
    return None if names.empty else str(names.iloc[0])


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
