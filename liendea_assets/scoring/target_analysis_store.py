"""The SQL of the analysis of targets: lists that can be compared, counts of contacts by what they have in common, icp_target_analysis."""

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, to_rows, transaction

# Scores of contacts who can be targets, by each value.
READ_SEGMENTS = """
    SELECT coalesce(e.gtm_segment, k.gtm_segment) AS value, count(*) AS contacts, sum(r.icp_score) AS score
    FROM icp_score_rows r
    JOIN enriched_contacts e ON e.contact_id = r.contact_id
    LEFT JOIN companies k ON k.id = e.company_id
    WHERE e.is_owner = 0
    GROUP BY 1
    ORDER BY 1
"""
READ_INDUSTRIES = """
    SELECT e.industry AS value, count(*) AS contacts, sum(r.icp_score) AS score
    FROM icp_score_rows r
    JOIN enriched_contacts e ON e.contact_id = r.contact_id
    WHERE e.is_owner = 0
    GROUP BY 1
    ORDER BY 1
"""
READ_TITLES = """
    SELECT e.title AS value, count(*) AS contacts, sum(r.icp_score) AS score
    FROM icp_score_rows r
    JOIN enriched_contacts e ON e.contact_id = r.contact_id
    WHERE e.is_owner = 0
    GROUP BY 1
    ORDER BY 1
"""
LAST_LISTS = "SELECT id, made_at FROM icp_target_lists ORDER BY id DESC LIMIT 2"
COUNT_DIFFERENCES = """
    SELECT
        (
            SELECT count(*)
            FROM icp_targets t
            LEFT JOIN icp_target_list_rows l ON l.list_id = :list_id AND l.contact_id = t.contact_id
            WHERE l.priority IS NOT t.priority
        )
        + (
            SELECT count(*)
            FROM icp_target_list_rows l
            WHERE l.list_id = :list_id AND NOT EXISTS (SELECT 1 FROM icp_targets t WHERE t.contact_id = l.contact_id)
        ) AS differences
"""
INSERT_LIST = "INSERT INTO icp_target_lists (made_at) VALUES (:now) RETURNING id"
INSERT_LIST_ROWS = """
    INSERT INTO icp_target_list_rows (list_id, contact_id, icp_score, priority)
    SELECT :list_id, contact_id, icp_score, priority FROM icp_targets ORDER BY contact_id
"""
DROP_OLD_LISTS = "DELETE FROM icp_target_lists WHERE id < :oldest"
READ_MEMBERS = """
    SELECT
        i.contact_id, coalesce(e.gtm_segment, k.gtm_segment) AS segment, e.industry, e.title,
        (SELECT l.priority FROM icp_target_list_rows l WHERE l.list_id = :list_id AND l.contact_id = i.contact_id) AS priority,
        (SELECT l.priority FROM icp_target_list_rows l WHERE l.list_id = :former_id AND l.contact_id = i.contact_id) AS former_priority
    FROM (SELECT DISTINCT contact_id FROM icp_target_list_rows WHERE list_id IN (:list_id, :former_id)) i
    LEFT JOIN enriched_contacts e ON e.contact_id = i.contact_id
    LEFT JOIN companies k ON k.id = e.company_id
    ORDER BY i.contact_id
"""
CLEAR_ANALYSIS = "DELETE FROM icp_target_analysis"
INSERT_ANALYSIS = """
    INSERT INTO icp_target_analysis (dimension, value, contacts, targets, mean_score, came, gone, moved_up, moved_down)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
ANALYSIS_COLUMNS = ("dimension", "value", "contacts", "targets", "mean_score", "came", "gone", "moved_up", "moved_down")
READ_ANALYSIS = """
    SELECT dimension, value, contacts, targets, mean_score, came, gone, moved_up, moved_down
    FROM icp_target_analysis
    ORDER BY dimension, targets DESC, contacts DESC, value
"""


def note_list(db: Database, now: str) -> None:
    """Keeps the targets as a list, where who they are or a priority differs from the last one; of former lists the last is kept."""
    with transaction(db) as connection:
        lists = connection.execute(LAST_LISTS).fetchall()
        if lists and not connection.execute(COUNT_DIFFERENCES, {"list_id": lists[0]["id"]}).fetchone()["differences"]:
            return
        list_id = connection.execute(INSERT_LIST, {"now": now}).fetchone()["id"]
        connection.execute(INSERT_LIST_ROWS, {"list_id": list_id})
        if lists:
            connection.execute(DROP_OLD_LISTS, {"oldest": lists[0]["id"]})


def list_dates(db: Database) -> list[str]:
    """When the last list was made, and the one before it."""
    return [row["made_at"] for row in db.conn.execute(LAST_LISTS)]


def read_members(db: Database) -> pd.DataFrame:
    """Who is on the last list or on the one before: `contact_id`, `segment`, `industry`, `title`, `priority`, `former_priority`.

    A priority is missing where the contact is not on that list. The first list of all has no former one: then nobody came, either.
    """
    lists = [row["id"] for row in db.conn.execute(LAST_LISTS)]
    last = lists[0] if lists else 0
    return read_frame(db, READ_MEMBERS, {"list_id": last, "former_id": lists[1] if len(lists) > 1 else last})


def read_values(db: Database) -> dict[str, pd.DataFrame]:
    """`segment`, `industry`, `title` → `value`, `contacts`, `score` (their sum) of contacts who can be targets."""
    queries = {"segment": READ_SEGMENTS, "industry": READ_INDUSTRIES, "title": READ_TITLES}
    return {name: read_frame(db, sql).astype({"contacts": "int64", "score": "int64"}) for name, sql in queries.items()}


def store_analysis(db: Database, analysis: pd.DataFrame) -> None:
    """Makes icp_target_analysis hold exactly this."""
    with transaction(db) as connection:
        connection.execute(CLEAR_ANALYSIS)
        connection.executemany(INSERT_ANALYSIS, to_rows(analysis, ANALYSIS_COLUMNS))


def read_analysis(db: Database) -> pd.DataFrame:
    """The table icp_target_analysis, within a dimension the most targets first."""
    return read_frame(db, READ_ANALYSIS)
