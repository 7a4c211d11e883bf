"""Rows as the imports leave them, one call each; a second call is about somebody else."""

from typing import Any

from liendea_assets.db.connection import Database

LONG_AGO = "2026-01-02 03:04:05.000000"


def add(db: Database, table: str, row: dict[str, object]) -> int:
    """Inserts a row and returns its id."""
    columns = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    return int(db.conn.execute(f"INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING rowid", row).fetchone()[0])


def add_company(db: Database, **changed: object) -> int:
    """A company of which the name and the domain are known."""
    number = db.table("companies").count + 1
    row = {"name": f"Acme {number}", "domain": f"acme{number}.example", "created_at": LONG_AGO, "updated_at": LONG_AGO}
    return add(db, "companies", row | changed)


def add_contact(db: Database, **changed: object) -> int:
    """A contact of whom the name and the profile are known."""
    number = db.table("contacts").count + 1
    row = {
        "full_name": f"Robin Weaver{number}",
        "first_name": "Robin",
        "last_name": f"Weaver{number}",
        "linkedin_id": f"robin-weaver{number}",
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
    }
    return add(db, "contacts", row | changed)


def add_answer(db: Database, contact_id: int, source: str, **changed: object) -> int:
    """A hit of a source that tells nothing but what is given."""
    row = {"contact_id": contact_id, "source": source, "outcome": "hit", "answered_at": LONG_AGO, "last_enriched": LONG_AGO}
    return add(db, "contact_enrichment", row | changed)


def answers(db: Database, source: str = "reach") -> dict[int, dict[str, Any]]:
    """The answers of a source by contact."""
    return {row["contact_id"]: row for row in db.table("contact_enrichment").rows_where("source = ?", [source], order_by="contact_id")}
