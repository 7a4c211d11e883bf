"""The SQL that makes new contacts straight from landed rows, a tenth of the cost of reading values and writing them here."""

import json
import sqlite3

import numpy as np
import pandas as pd

# New contacts whose values all come from one row; `pairs` holds row id * 2^31 + contact id.
INSERT_FROM_GTM = """
    INSERT INTO contacts (
        id, linkedin_id, reach_id, full_name, first_name, last_name, title, company_id, industry, country, is_owner, created_at, updated_at
    )
    SELECT
        pair.value & 2147483647, g.linkedin_id, g.reach_id, g.full_name, g.first_name, g.last_name, g.title, s.company_id, g.industry,
        g.country, 0, :now, :now
    FROM json_each(:pairs) pair
    CROSS JOIN gtm_rows g ON g.id = pair.value >> 31
    LEFT JOIN company_sources s ON s.source = 'gtm' AND s.row_id = g.id
"""
INSERT_FROM_LINKEDIN = """
    INSERT INTO contacts (
        id, linkedin_id, full_name, first_name, last_name, title, company_id, is_owner, created_at, updated_at
    )
    SELECT
        pair.value & 2147483647, l.linkedin_id, l.full_name, l.first_name, l.last_name, l.title, s.company_id, 0, :now, :now
    FROM json_each(:pairs) pair
    CROSS JOIN linkedin_rows l ON l.id = pair.value >> 31
    LEFT JOIN company_sources s ON s.source = 'linkedin' AND s.row_id = l.id
"""
# Of each new contact the GTM row that each value comes from (0 for none), and its company. Of all ways to bring ten numbers per contact
# into one statement, a table joined to the rows is the fastest: a subquery per value takes 1.6 times as long.
CREATE_WINNERS = """
    CREATE TEMP TABLE winners (
        id INTEGER PRIMARY KEY, reach_id INTEGER, full_name INTEGER, first_name INTEGER, last_name INTEGER, title INTEGER,
        company_id INTEGER, industry INTEGER, country INTEGER, linkedin_id INTEGER
    )
"""
FILL_WINNERS = """
    INSERT INTO temp.winners (id, reach_id, full_name, first_name, last_name, title, company_id, industry, country, linkedin_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_FROM_WINNERS = """
    INSERT INTO contacts (
        id, linkedin_id, reach_id, full_name, first_name, last_name, title, company_id, industry, country, is_owner, created_at, updated_at
    )
    SELECT
        w.id, p.linkedin_id, r.reach_id, n.full_name, f.first_name, l.last_name, t.title, nullif(w.company_id, 0), i.industry, c.country,
        0, :now, :now
    FROM temp.winners w
    LEFT JOIN gtm_rows p ON p.id = w.linkedin_id
    LEFT JOIN gtm_rows r ON r.id = w.reach_id
    LEFT JOIN gtm_rows n ON n.id = w.full_name
    LEFT JOIN gtm_rows f ON f.id = w.first_name
    LEFT JOIN gtm_rows l ON l.id = w.last_name
    LEFT JOIN gtm_rows t ON t.id = w.title
    LEFT JOIN gtm_rows i ON i.id = w.industry
    LEFT JOIN gtm_rows c ON c.id = w.country
"""
DROP_WINNERS = "DROP TABLE temp.winners"
_WINNERS = ("reach_id", "full_name", "first_name", "last_name", "title", "company_id", "industry", "country", "linkedin_id")


def insert_from_one_row(connection: sqlite3.Connection, rows: pd.DataFrame, best: pd.DataFrame, now: str) -> None:
    """Makes contacts whose values all come from one row each.

    Args:
        rows: `source`, `row_id`.
        best: indexed by contact id; per field a position in `rows`, -1 for none.
    """
    rows, ids = rows.iloc[best.max(axis=1).to_numpy()], best.index.to_numpy(dtype=np.int64)
    for source, sql in (("gtm", INSERT_FROM_GTM), ("linkedin", INSERT_FROM_LINKEDIN)):
        is_own = (rows["source"] == source).to_numpy()
        pairs = (rows["row_id"].to_numpy(dtype=np.int64)[is_own] << 31) + ids[is_own]
        connection.execute(sql, {"pairs": json.dumps(pairs.tolist()), "now": now})


def insert_from_gtm_rows(connection: sqlite3.Connection, rows: pd.DataFrame, best: pd.DataFrame, now: str) -> None:
    """Makes contacts whose values come from several GTM rows each.

    Args:
        rows: `row_id`, `company` (its id).
        best: indexed by contact id; for survivorship's CONTACT_FIELDS and `linkedin_id` a position in `rows`, -1 for none.
    """
    # the last value is what -1 points to
    row_ids, companies = (np.append(rows[name].to_numpy(dtype=np.int64), 0) for name in ("row_id", "company"))
    chosen = [(companies if name == "company_id" else row_ids)[best[name].to_numpy(dtype=np.int64)] for name in _WINNERS]
    connection.execute(CREATE_WINNERS)
    connection.executemany(FILL_WINNERS, np.stack([best.index.to_numpy(dtype=np.int64), *chosen], axis=1).tolist())
    connection.execute(INSERT_FROM_WINNERS, {"now": now})
    connection.execute(DROP_WINNERS)
