"""Hashes that nobody can reverse by trying out addresses: HMAC with a secret that lies beside the database, not in it."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from liendea_assets.core.errors import SettingsError

KEY_BYTES = 32


def load_key(path: Path) -> bytes:
    """The home's secret; made on first use, readable by its owner alone.

    Raises:
        SettingsError: the file holds something else than a key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    return _read_key(path)


def keyed_hash(key: bytes, purpose: str, text: str) -> str:
    """32 hex digits; different purposes give unrelated hashes of the same text."""
    return hmac.new(key, f"{purpose}\x00{text}".encode(), hashlib.sha256).hexdigest()[:32]


def _read_key(path: Path) -> bytes:
    text = path.read_text().strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(f"{path}: must hold {2 * KEY_BYTES} hex digits; restore it from a backup of the home")
    return key
