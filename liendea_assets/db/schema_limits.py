"""The schema of the limits: the ledger on a clock that nobody sets, what is known of each service, how much of each window is used.

Never edited after its release. Columns that end in `_us` hold microseconds of the ledger's own time (clients/ledger_time.py).
"""

_LEDGER = (
    # ended attempts are numbered in the order of their ends, so the n-th newest is found by its number; attempts under way have none
    "ALTER TABLE rate_limit_tracking ADD COLUMN ends_us INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE rate_limit_tracking ADD COLUMN number INTEGER",
    "ALTER TABLE rate_limit_tracking ADD COLUMN action_number INTEGER",
    "ALTER TABLE rate_limit_tracking ADD COLUMN is_retry INTEGER NOT NULL DEFAULT 0 CHECK (is_retry = 0 OR is_retry = 1)",
    """
    UPDATE rate_limit_tracking
    SET ends_us = coalesce(strftime('%s', timestamp) * 1000000 + CAST(substr(timestamp, 21, 6) AS INTEGER), 0)
    """,
    """
    UPDATE rate_limit_tracking
    SET number = n.number, action_number = n.action_number
    FROM (
        SELECT
            id,
            row_number() OVER (PARTITION BY service ORDER BY ends_us, id) AS number,
            row_number() OVER (PARTITION BY service, action_type ORDER BY ends_us, id) AS action_number
        FROM rate_limit_tracking
    ) n
    WHERE n.id = rate_limit_tracking.id
    """,
    "CREATE UNIQUE INDEX idx_rate_limit_number ON rate_limit_tracking (service, number)",
    "CREATE UNIQUE INDEX idx_rate_limit_action_number ON rate_limit_tracking (service, action_type, action_number)",
    "ALTER TABLE service_blocks ADD COLUMN until_us INTEGER NOT NULL DEFAULT 0",
    """
    UPDATE service_blocks
    SET until_us = coalesce(strftime('%s', blocked_until) * 1000000 + CAST(substr(blocked_until, 21, 6) AS INTEGER), 0)
    """,
    # how the clocks stood when the ledger was last written, and which time of its own that was
    """
    CREATE TABLE ledger_clock (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        boot TEXT NOT NULL,
        uptime_us INTEGER NOT NULL,
        wall_us INTEGER NOT NULL,
        ledger_us INTEGER NOT NULL
    ) STRICT
    """,
)

_SERVICES = (
    # openings 0: the circuit is closed; else it is open until open_until_us, and half-open after it
    """
    CREATE TABLE service_states (
        service TEXT PRIMARY KEY,
        failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
        openings INTEGER NOT NULL DEFAULT 0 CHECK (openings >= 0),
        open_until_us INTEGER NOT NULL DEFAULT 0,
        probe_id INTEGER,
        retry_credit INTEGER NOT NULL CHECK (retry_credit >= 0),
        allowance INTEGER CHECK (allowance >= 0),
        allowance_until_us INTEGER NOT NULL DEFAULT 0,
        next_start_us INTEGER NOT NULL DEFAULT 0,
        starts INTEGER NOT NULL DEFAULT 0 CHECK (starts >= 0)
    ) STRICT
    """,
    """
    CREATE TABLE learned_limits (
        service TEXT NOT NULL,
        seconds INTEGER NOT NULL CHECK (seconds > 0),
        requests INTEGER NOT NULL CHECK (requests > 0),
        learned_us INTEGER NOT NULL,
        PRIMARY KEY (service, seconds)
    ) STRICT
    """,
    """
    CREATE TABLE rate_limit_usage (
        service TEXT NOT NULL,
        action_type TEXT NOT NULL,
        seconds INTEGER NOT NULL CHECK (seconds > 0),
        requests INTEGER NOT NULL CHECK (requests > 0),
        is_learned INTEGER NOT NULL CHECK (is_learned = 0 OR is_learned = 1),
        used INTEGER NOT NULL CHECK (used >= 0),
        left_now INTEGER NOT NULL CHECK (left_now >= 0),
        free_at TEXT NOT NULL,
        violations INTEGER NOT NULL CHECK (violations >= 0),
        circuit TEXT NOT NULL CHECK (circuit = 'closed' OR circuit = 'open' OR circuit = 'half-open'),
        since_us INTEGER NOT NULL,
        read_at TEXT NOT NULL,
        PRIMARY KEY (service, action_type, seconds)
    ) STRICT
    """,
)

STATEMENTS = _LEDGER + _SERVICES
