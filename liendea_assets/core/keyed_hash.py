"""Hashes that nobody can reverse by trying out addresses: HMAC with a secret that lies beside the database, not in it."""

import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from filelock import FileLock

from liendea_assets.core.errors import SettingsError

KEY_BYTES = 32


def load_key(path: Path) -> bytes:
    """The home's secret; made on first use, readable by its owner alone.

    Raises:
        SettingsError: the file holds something else than a key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make_key(path)
    return _read_key(path)


def keyed_hash(key: bytes, purpose: str, text: str) -> str:
    """32 hex digits; different purposes give unrelated hashes of the same text."""
    return hmac.new(key, f"{purpose}\x00{text}".encode(), hashlib.sha256).hexdigest()[:32]


def _make_key(path: Path) -> None:
    """The file appears whole or not at all; of several processes the first one's key stands."""
    with FileLock(path.with_name(f"{path.name}.lock")):
        if path.exists():
            return
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(f"{path}: must hold {2 * KEY_BYTES} hex digits; restore it from a backup of the home")
    return key
