import pandas as pd

from liendea_assets.enrichment.file_values import best_file_values

COLUMNS = ["contact_id", "source", "file_id", "row_id", "read_at", "work_email", "work_phone", "mobile_phone", "linkedin_id", "title", "country", "reach_id"]  # fmt: skip
OLD, NEW = "2026-01-01 00:00:00.000000", "2026-07-01 00:00:00.000000"


def values(*rows: dict[str, object]) -> pd.DataFrame:
    """Rows as `imports.store.read_source_values`; the newest file comes first."""
    return pd.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], columns=COLUMNS, dtype=object)


def known(frame: pd.DataFrame) -> list[dict[str, object]]:
    """The rows without what is missing."""
    return [{str(name): value for name, value in row.items() if pd.notna(value)} for row in frame.to_dict("records")]


def test_the_newest_file_that_knows_a_field_gives_it() -> None:
    best = best_file_values(
        values(
            {"contact_id": 1, "source": "gtm", "read_at": NEW, "title": "CRO"},
            {"contact_id": 1, "source": "gtm", "read_at": OLD, "title": "VP Sales", "work_email": "robin@acme.example"},
        )
    )
    assert known(best) == [{"contact_id": 1, "source": "gtm", "read_at": NEW, "title": "CRO", "work_email": "robin@acme.example"}]


def test_sources_are_kept_apart() -> None:
    best = best_file_values(
        values(
            {"contact_id": 1, "source": "gtm", "read_at": OLD, "work_email": "robin@acme.example"},
            {"contact_id": 1, "source": "linkedin", "read_at": NEW, "work_email": "robin@home.example"},
            {"contact_id": 2, "source": "gtm", "read_at": OLD},
        )
    )
    assert [(row["contact_id"], row["source"], row.get("work_email")) for row in known(best)] == [
        (1, "gtm", "robin@acme.example"),
        (1, "linkedin", "robin@home.example"),
        (2, "gtm", None),
    ]


def test_a_profile_becomes_its_address() -> None:
    best = best_file_values(
        values(
            {"contact_id": 1, "source": "gtm", "read_at": OLD, "linkedin_id": "robin-weaver"},
            {"contact_id": 2, "source": "gtm", "read_at": OLD},
        )
    )
    assert "linkedin_id" not in best.columns
    assert [row.get("linkedin_url") for row in known(best)] == ["https://www.linkedin.com/in/robin-weaver", None]


def test_no_rows_are_no_values() -> None:
    assert known(best_file_values(values())) == []
