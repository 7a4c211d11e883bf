"""The schema of call budgets: how many calls were made for whom, by the day.

Never edited after its release.
"""

STATEMENTS = (
    # several may share the limits of a service, and each has a budget of its own; the day is the one of UTC on which a call begins
    """
    CREATE TABLE call_days (
        payer TEXT NOT NULL CHECK (payer <> ''),
        day TEXT NOT NULL,
        calls INTEGER NOT NULL CHECK (calls >= 0),
        PRIMARY KEY (payer, day)
    ) STRICT
    """,
    # until now a service was its only payer's
    """
    INSERT INTO call_days (payer, day, calls)
    SELECT service, substr(timestamp, 1, 10), count(*)
    FROM rate_limit_tracking
    WHERE service <> '' AND service NOT LIKE '% entities'
    GROUP BY 1, 2
    """,
)
