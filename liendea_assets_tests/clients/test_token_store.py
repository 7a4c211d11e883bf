import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.clients.token_store import Token, TokenStore, check_account
from liendea_assets.core.errors import SettingsError

KEY = bytes(range(32))
TOKEN = Token("AQX-s3cret-t0ken", datetime(2026, 12, 4, 9, 0, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "tokens", KEY)


def test_a_token_comes_back_as_it_was_kept(store: TokenStore) -> None:
    store.save("alex", TOKEN)
    assert store.load("alex") == TOKEN
    newer = Token("another", TOKEN.expires_at)
    store.save("alex", newer)
    assert store.load("alex") == newer


def test_no_file_holds_the_token_in_the_clear(store: TokenStore, tmp_path: Path) -> None:
    store.save("alex", TOKEN)
    (path,) = (tmp_path / "tokens").iterdir()
    assert b"s3cret" not in path.read_bytes()
    assert "s3cret" not in repr(TOKEN)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_nobody_else_may_read_the_file(store: TokenStore, tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        store.save("alex", TOKEN)
    finally:
        os.umask(former)
    assert stat.S_IMODE((tmp_path / "tokens").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "tokens" / "alex.token").stat().st_mode) == 0o600


def test_two_files_of_one_token_differ(store: TokenStore, tmp_path: Path) -> None:
    """A nonce that is used twice would open the cipher."""
    store.save("alex", TOKEN)
    first = (tmp_path / "tokens" / "alex.token").read_bytes()
    store.save("alex", TOKEN)
    assert (tmp_path / "tokens" / "alex.token").read_bytes() != first


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_noticed(tmp_path_factory: pytest.TempPathFactory, position: int, bit: int) -> None:
    folder = tmp_path_factory.mktemp("tokens")
    store = TokenStore(folder, KEY)
    store.save("alex", TOKEN)
    path = folder / "alex.token"
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= 1 << bit
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="cannot be decrypted") as caught:
        store.load("alex")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("length", [0, 1, 5, 13, 30])
def test_a_file_that_is_cut_off_is_noticed(store: TokenStore, tmp_path: Path, length: int) -> None:
    store.save("alex", TOKEN)
    path = tmp_path / "tokens" / "alex.token"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(SettingsError, match="liendea linkedin authorise --account alex"):
        store.load("alex")


def test_another_key_opens_nothing_and_the_remedy_is_told(store: TokenStore, tmp_path: Path) -> None:
    store.save("alex", TOKEN)
    with pytest.raises(SettingsError, match=r"data/secret\.key is not the one.*liendea linkedin authorise"):
        TokenStore(tmp_path / "tokens", bytes(32)).load("alex")


def test_a_colleague_s_file_does_not_open_under_another_name(store: TokenStore, tmp_path: Path) -> None:
    store.save("alex", TOKEN)
    (tmp_path / "tokens" / "alex.token").rename(tmp_path / "tokens" / "robin.token")
    with pytest.raises(SettingsError, match="cannot be decrypted"):
        store.load("robin")


def test_who_is_not_authorised_is_told_how(store: TokenStore) -> None:
    with pytest.raises(SettingsError, match=r"not authorised here.*liendea linkedin authorise --account alex"):
        store.load("alex")


def test_a_forgotten_token_is_gone(store: TokenStore) -> None:
    store.save("alex", TOKEN)
    assert store.forget("alex")
    assert not store.forget("alex")
    with pytest.raises(SettingsError, match="not authorised"):
        store.load("alex")


@pytest.mark.parametrize("account", ["", "../etc", "a/b", "Alex", "-a", "a" * 41, "a.token", "ä", "a\n", "a\x00"])
def test_a_name_that_is_unsafe_in_a_path_is_refused(account: str) -> None:
    with pytest.raises(SettingsError, match="allowed are 1 to 40"):
        check_account(account)
