"""Environment variables, the only place for secrets; a home's `.env` adds to them."""

import os
from pathlib import Path

from dotenv import dotenv_values

_PACKAGE_FOLDER = Path(__file__).resolve().parents[2]


def environment(name: str, default: str = "") -> str:
    """An environment variable; empty means not set."""
    return os.environ.get(name) or default


def child_environment() -> dict[str, str]:
    """For a Python process of our own: nothing of ours but what it needs to start; no secret, no proxy, no other code."""
    given = {"PYTHONPATH": str(_PACKAGE_FOLDER), "PYTHONUTF8": "1"}
    system_root = environment("SYSTEMROOT")
    return given | ({"SYSTEMROOT": system_root} if system_root else {})


def read_env_file(home: Path) -> None:
    """Adds the home's `.env` to the process environment; what is already set there wins."""
    # a password may hold what looks like a variable
    for name, value in dotenv_values(home / ".env", interpolate=False).items():
        if value and not os.environ.get(name):
            os.environ[name] = value
