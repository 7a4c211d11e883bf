import os
from pathlib import Path

import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.keyed_hash import KEY_BYTES, keyed_hash, load_key
from liendea_assets_tests.processes import run_at_once

KEY = bytes(range(KEY_BYTES))


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    key = load_key(tmp_path / "data" / "secret.key")

    assert len(key) == KEY_BYTES
    assert load_key(tmp_path / "data" / "secret.key") == key
    assert {path.name for path in (tmp_path / "data").iterdir()} <= {"secret.key", "secret.key.lock"}


def test_two_homes_have_two_keys(tmp_path: Path) -> None:
    assert load_key(tmp_path / "a.key") != load_key(tmp_path / "b.key")


def test_only_its_owner_can_read_the_key(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        load_key(tmp_path / "secret.key")
    finally:
        os.umask(before)

    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def _load_many(position: int, folder: Path) -> None:
    keys = [load_key(folder / f"{number}.key").hex() for number in range(100)]
    (folder / f"seen.{position}").write_text("\n".join(keys))


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    """A key file seen between its creation and its first byte would stop the slower process with an error."""
    run_at_once(3, _load_many, tmp_path)

    assert len({path.read_text() for path in tmp_path.glob("seen.*")}) == 1


@pytest.mark.parametrize("content", ["", "not a key", "ab" * (KEY_BYTES - 1), "ab" * (KEY_BYTES + 1), "zz" * KEY_BYTES])
def test_a_file_that_holds_no_key_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret.key"
    path.write_text(content)

    with pytest.raises(SettingsError, match="must hold 64 hex digits; restore it from a backup"):
        load_key(path)
    assert path.read_text() == content


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(b"\xff\xfe\x00\x9d")

    with pytest.raises(SettingsError, match="must hold 64 hex digits"):
        load_key(path)


def test_a_line_end_after_the_key_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(KEY.hex() + "\r\n")

    assert load_key(tmp_path / "secret.key") == KEY


def test_a_hash_depends_on_key_purpose_and_text_alone() -> None:
    known = keyed_hash(KEY, "address", "robin@acme.example")

    assert known == keyed_hash(KEY, "address", "robin@acme.example")
    assert len(known) == 32
    others = [
        keyed_hash(KEY[::-1], "address", "robin@acme.example"),
        keyed_hash(KEY, "domain", "robin@acme.example"),
        keyed_hash(KEY, "address", "x"),
    ]
    assert len({known, *others}) == 4


def test_purpose_and_text_do_not_run_into_each_other() -> None:
    assert keyed_hash(KEY, "ab", "c") != keyed_hash(KEY, "a", "bc")
