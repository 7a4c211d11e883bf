"""The SQL of finding people."""

from typing import Any

from liendea_assets.db.connection import Database

_SHOWN = """
    SELECT
        c.id AS contact_id, c.full_name, e.title, e.company_name, e.country, r.icp_score, r.priority, t.status, s.reason AS suppressed
"""
_BESIDE = """
    LEFT JOIN enriched_contacts e ON e.contact_id = c.id
    LEFT JOIN icp_score_rows r ON r.contact_id = c.id
    LEFT JOIN suppressed_contacts s ON s.contact_id = c.id
"""
# Each word stands somewhere in the name, the company or the address; the first that are found, so that a common word is no long wait.
FIND = (
    _SHOWN
    + "FROM contacts c"
    + _BESIDE
    + """
    LEFT JOIN icp_targets t ON t.contact_id = c.id
    WHERE c.merged_into IS NULL
        AND c.full_name || ' ' || coalesce(e.company_name, '') || ' ' || coalesce(e.work_email, '') LIKE :first ESCAPE '\\'
        AND c.full_name || ' ' || coalesce(e.company_name, '') || ' ' || coalesce(e.work_email, '') LIKE :second ESCAPE '\\'
        AND c.full_name || ' ' || coalesce(e.company_name, '') || ' ' || coalesce(e.work_email, '') LIKE :third ESCAPE '\\'
    ORDER BY c.id
    LIMIT :limit OFFSET :offset
"""
)
BEST_TARGETS = (
    _SHOWN
    + "FROM icp_targets t JOIN contacts c ON c.id = t.contact_id"
    + _BESIDE
    + """
    ORDER BY t.icp_score DESC, t.id
    LIMIT :limit OFFSET :offset
"""
)
FIND_ID = "SELECT coalesce(merged_into, id) AS id FROM contacts WHERE id = :id"


def find_people(db: Database, words: list[str], window: dict[str, int]) -> list[dict[str, Any]]:
    """`contact_id`, `full_name`, `title`, `company_name`, `country`, `icp_score`, `priority`, `status`, `suppressed`."""
    patterns = [f"%{_literal(word)}%" for word in words] + ["%"] * 3
    names = dict(zip(("first", "second", "third"), patterns, strict=False))
    return [dict(row) for row in db.conn.execute(FIND, {**names, **window})]


def best_targets(db: Database, window: dict[str, int]) -> list[dict[str, Any]]:
    """The targets, the best first; columns as `find_people`."""
    return [dict(row) for row in db.conn.execute(BEST_TARGETS, window)]


def find_id(db: Database, contact_id: int) -> int | None:
    """The contact that an id belongs to now; None for none."""
    row = db.conn.execute(FIND_ID, {"id": contact_id}).fetchone()
    return None if row is None else int(row["id"])


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
