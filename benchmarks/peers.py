"""The packages that only benchmarks need: what others do with the same data."""

import importlib.util

PEERS = ("cleanco", "duckdb", "pyrate_limiter", "python_calamine", "splink")


def require_peers(*names: str) -> None:
    """Ends with a message that says what to do where one of these is missing: a benchmark without its peer would tell nothing."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise SystemExit(
            f"The benchmarks compare with packages that are not installed here: {', '.join(missing)}.\n"
            "`make bench` installs them into .venv-bench; `make bench BENCH=company_names` runs a single one there."
        )
