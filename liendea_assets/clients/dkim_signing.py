"""DKIM signatures (RFC 6376, RFC 8463), for a mail server that does not sign by itself."""

import base64
import time
from collections.abc import Sequence
from pathlib import Path

import dkim
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from liendea_assets.core.errors import SettingsError

# Whatever says who writes to whom, about what, and how it ends. Both List-Unsubscribe headers have to be covered (RFC 8058).
HEADERS = (
    *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post"),
)
# RFC 8301: receivers refuse shorter ones.
FEWEST_RSA_BITS = 1_024


class DkimSigner:
    """Signs the messages of a domain.

    Args:
        key_file: a PEM file with an RSA or Ed25519 key.

    Raises:
        SettingsError: there is no such key.
    """

    def __init__(self, domain: str, selector: str, key_file: Path) -> None:
        self._domain, self._selector = domain.encode(), selector.encode()
        try:
            self._pem = key_file.read_bytes()
            self._key = load_pem_private_key(self._pem, None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SettingsError(f"{key_file}: no DKIM key ({type(error).__name__}); a PEM file without a password is wanted") from None
        if isinstance(self._key, RSAPrivateKey) and self._key.key_size < FEWEST_RSA_BITS:
            raise SettingsError(f"{key_file}: the RSA key has {self._key.key_size} bits; {FEWEST_RSA_BITS} at least, better 2048")
        if not isinstance(self._key, RSAPrivateKey | Ed25519PrivateKey):
            raise SettingsError(f"{key_file}: neither an RSA nor an Ed25519 key")

    def sign(self, content: bytes) -> bytes:
        """The message with a signature before it; what is signed is not changed.

        Headers that the message has are covered, and From also against a second one that somebody adds.

        Args:
            content: with CRLF at each line's end.
        """
        made = _Ed25519(content, self._key) if isinstance(self._key, Ed25519PrivateKey) else dkim.DKIM(content)
        present = {name.lower() for name, _ in made.headers}
        names = [name.encode() for name in HEADERS if name.encode() in present]
        algorithm = b"ed25519-sha256" if isinstance(made, _Ed25519) else b"rsa-sha256"
        # relaxed: a relay may fold a header anew, and it still counts
        canonical = (b"relaxed", b"relaxed")
        header = made.sign(self._selector, self._domain, self._pem, algorithm, None, canonical, [b"from", *names])
        return bytes(header) + content


class _Ed25519(dkim.DKIM):  # type: ignore[misc]  # dkimpy has no types
    """dkimpy signs with Ed25519 by pynacl, which nothing else needs here; cryptography does the same."""

    def __init__(self, content: bytes, key: Ed25519PrivateKey) -> None:
        super().__init__(content)
        self._key = key

    def sign(
        self,
        selector: bytes,
        domain: bytes,
        _pem: bytes,
        algorithm: bytes,
        _identity: None,
        canonical: tuple[bytes, bytes],
        names: Sequence[bytes],
    ) -> bytes:
        """As dkimpy's own, whose key is of another package."""
        policy = dkim.CanonicalizationPolicy.from_c_value(b"/".join(canonical))
        self.signature_algorithm, self.include_headers = algorithm, tuple(names)
        self.hasher = dkim.HASH_ALGORITHMS[algorithm]
        body = self.hasher()
        body.update(policy.canonicalize_body(self.body))
        fields = [
            (b"v", b"1"),
            (b"a", algorithm),
            (b"c", policy.to_c_value()),
            (b"d", domain),
            (b"i", b"@" + domain),
            (b"q", b"dns/txt"),
            (b"s", selector),
            (b"t", str(int(time.time())).encode()),
            (b"h", b" : ".join(names)),
            (b"bh", base64.b64encode(body.digest())),
            (b"b", b"0" * 60),
        ]
        return b"DKIM-Signature: " + bytes(self.gen_header(fields, names, policy, b"DKIM-Signature", _Signature(self._key)))


class _Signature:
    """A key as dkimpy asks it: `sign` answers something that has a `signature`."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.signature = b""

    def sign(self, digest: bytes) -> "_Signature":
        """Signs a digest."""
        self.signature = self._key.sign(digest)
        return self
