"""Access tokens on disk: one encrypted file per account, readable by its owner alone, never in a message, a log or a repr."""

import json
import os
import re
import secrets
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liendea_assets.core.clock import from_text, to_text
from liendea_assets.core.errors import SettingsError

# First byte of a file, so that another form can be told apart later.
_FORM = b"\x01"
# What NIST SP 800-38D recommends for GCM.
_NONCE_BYTES = 12
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Token:
    """What LinkedIn gave for a member's consent."""

    access_token: str = field(repr=False)
    expires_at: datetime


def check_account(account: str) -> str:
    """The name, which becomes part of file names.

    Raises:
        SettingsError: other characters than are safe there.
    """
    if not _ACCOUNT.fullmatch(account):
        raise SettingsError(
            f"the account {account[:40]!r} cannot be used; allowed are 1 to 40 of a–z, 0–9, - and _, beginning with a letter or digit"
        )
    return account


class TokenStore:
    """The tokens of a home.

    Args:
        folder: made private when something is stored.
        key: the home's secret, which lies elsewhere; the key of the files is derived from it.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._cipher = AESGCM(HKDF(SHA256(), length=32, salt=None, info=b"liendea linkedin tokens").derive(key))

    def save(self, account: str, token: Token) -> None:
        """Stores a token in place of the former one; a kill leaves one of the two."""
        path = self._path(account)
        self._folder.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            self._folder.chmod(0o700)
        content = json.dumps({"access_token": token.access_token, "expires_at": to_text(token.expires_at)}).encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = _FORM + nonce + self._cipher.encrypt(nonce, content, account.encode())
        # mkstemp makes it readable by its owner alone from the first byte on
        descriptor, draft = tempfile.mkstemp(dir=self._folder, prefix=".draft-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)

    def load(self, account: str) -> Token:
        """The account's token, expired or not.

        Raises:
            SettingsError: there is none, or it cannot be decrypted; the text says how to authorise.
        """
        path = self._path(account)
        remedy = f"liendea linkedin authorise --account {account}"
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            raise SettingsError(f"the LinkedIn account {account} is not authorised here. Authorise it: {remedy}") from None
        nonce, content = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed[:1] != _FORM:
                raise InvalidTag
            # the account is authenticated too: one colleague's file under another's name does not open
            stored = json.loads(self._cipher.decrypt(nonce, content, account.encode()))
        except (InvalidTag, ValueError):
            raise SettingsError(
                f"{path}: cannot be decrypted; it was changed, or data/secret.key is not the one it was made with. "
                f"Authorise again: {remedy}"
            ) from None
        return Token(stored["access_token"], from_text(stored["expires_at"]))

    def forget(self, account: str) -> bool:
        """Deletes the account's token. Returns whether there was one."""
        path = self._path(account)
        was_there = path.exists()
        path.unlink(missing_ok=True)
        return was_there

    def _path(self, account: str) -> Path:
        return self._folder / f"{check_account(account)}.token"
