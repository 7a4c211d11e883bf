"""The SQL of the back-test: outcomes with the scores of their time, and the table scoring_backtest."""

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, to_rows, transaction
from liendea_assets.scoring.backtest import COLUMNS

READ_OUTCOMES = """
    SELECT coalesce(c.merged_into, c.id) AS contact_id, o.kind, o.happened_on, o.icp_score, o.points
    FROM contact_outcomes o
    JOIN contacts c ON c.id = o.contact_id
    WHERE o.undone_at IS NULL
    ORDER BY o.id
"""
CLEAR_BACKTEST = "DELETE FROM scoring_backtest"
INSERT_BACKTEST = """
    INSERT INTO scoring_backtest (kind, name, points, outcomes, positive, rate, rate_low, rate_high, lift)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def read_outcomes(db: Database) -> pd.DataFrame:
    """`contact_id`, `kind`, `happened_on`, `icp_score`, `points` of outcomes that were not undone."""
    return read_frame(db, READ_OUTCOMES)


def store_backtest(db: Database, found: pd.DataFrame) -> None:
    """Makes scoring_backtest hold exactly this (`backtest.COLUMNS`)."""
    with transaction(db) as connection:
        connection.execute(CLEAR_BACKTEST)
        connection.executemany(INSERT_BACKTEST, to_rows(found, COLUMNS))
