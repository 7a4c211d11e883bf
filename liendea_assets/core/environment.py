"""Environment variables, the only place for secrets; a home's `.env` adds to them."""

import os
from pathlib import Path

from dotenv import dotenv_values


def environment(name: str, default: str = "") -> str:
    """An environment variable; empty means not set."""
    return os.environ.get(name) or default


def read_env_file(home: Path) -> None:
    """Adds the home's `.env` to the process environment; what is already set there wins."""
    # a password may hold what looks like a variable
    for name, value in dotenv_values(home / ".env", interpolate=False).items():
        if value and not os.environ.get(name):
            os.environ[name] = value
