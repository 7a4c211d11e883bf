import base64
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from liendea_assets.clients.dkim_signing import DkimSigner
from liendea_assets.core.errors import SettingsError

MESSAGE = (
    b"From: Sam Rivera <sam@northwind.example>\r\nTo: robin@acmelabs.example\r\nSubject: A question\r\n"
    b"Date: Mon, 05 Oct 2026 09:00:00 +0000\r\nMessage-ID: <t1@northwind.example>\r\n"
    b"List-Unsubscribe: <mailto:unsubscribe@northwind.example?subject=unsubscribe-t1>, <https://northwind.example/u/t1>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
    b"Hi Robin\r\n.\r\n\r\n"
)


def written(folder: Path, key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> Path:
    path = folder / "dkim.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 2_048)


def rsa_record(key: rsa.RSAPrivateKey) -> bytes:
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def is_valid(content: bytes, record: bytes) -> bool:
    return bool(dkim.verify(content, dnsfunc=lambda name, timeout=5: record if name == b"s1._domainkey.northwind.example." else None))


def test_dkimpy_verifies_what_was_signed(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    signed = DkimSigner("northwind.example", "s1", written(tmp_path, rsa_key)).sign(MESSAGE)
    assert signed.endswith(MESSAGE)
    assert is_valid(signed, rsa_record(rsa_key))


@pytest.mark.parametrize(
    ("former", "changed"),
    [
        (b"<https://northwind.example/u/t1>", b"<https://elsewhere.example/u/t1>"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Clicks"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"Subject: A question", b"Subject: An offer"),
        (b"From: Sam", b"From: Eve <eve@elsewhere.example>\r\nFrom: Sam"),
        (b"Hi Robin", b"Hi Robert"),
    ],
)
def test_whatever_is_changed_breaks_the_signature(former: bytes, changed: bytes, tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    signed = DkimSigner("northwind.example", "s1", written(tmp_path, rsa_key)).sign(MESSAGE)
    assert former in signed
    assert not is_valid(signed.replace(former, changed), rsa_record(rsa_key))


def test_relay_may_fold_a_header_anew(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    signed = DkimSigner("northwind.example", "s1", written(tmp_path, rsa_key)).sign(MESSAGE)
    assert is_valid(signed.replace(b"t1>, <https", b"t1>,\r\n\t<https"), rsa_record(rsa_key))


def test_ed25519_signature_is_that_of_rfc_8463(tmp_path: Path) -> None:
    """dkimpy verifies these by a package that is not here, so the signature is checked as dkimpy computes what is signed."""
    key = ed25519.Ed25519PrivateKey.generate()
    signed = DkimSigner("northwind.example", "s1", written(tmp_path, key)).sign(MESSAGE)

    class Checked(dkim.DKIM):  # type: ignore[misc]  # dkimpy has no types
        def verify_sig_process(self, sig: dict[bytes, bytes], include_headers: object, sig_header: object, dnsfunc: object) -> bool:
            digest = dkim.HashThrough(self.hasher())
            policy = dkim.CanonicalizationPolicy.from_c_value(sig[b"c"])
            headers = policy.canonicalize_headers(self.headers)
            dkim.hash_headers(digest, policy, headers, include_headers, sig_header, sig)
            key.public_key().verify(base64.b64decode(sig[b"b"]), digest.digest())
            body = self.hasher()
            body.update(policy.canonicalize_body(self.body))
            return base64.b64decode(sig[b"bh"]) == body.digest()

    assert b"a=ed25519-sha256" in signed
    sig = {
        name.strip(): b"".join(value.split())
        for name, _, value in (part.partition(b"=") for part in signed.partition(b"\r\nFrom")[0].partition(b":")[2].split(b";"))
    }
    made = Checked(signed)
    made.hasher = dkim.HASH_ALGORITHMS[b"ed25519-sha256"]
    assert made.verify_sig_process(sig, [name.strip() for name in sig[b"h"].split(b":")], made.headers[0], None)


def test_what_is_no_key_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("nothing")
    for path in (tmp_path / "bad.pem", tmp_path / "missing.pem", written(tmp_path, ec.generate_private_key(ec.SECP256R1()))):
        with pytest.raises(SettingsError, match=path.name):
            DkimSigner("northwind.example", "s1", path)
