from datetime import UTC, datetime
from pathlib import Path

import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home, default_config
from liendea_assets.core.settings import config_version
from liendea_assets.db.connection import Database
from liendea_assets.scoring.config_history import apply_config, kept_files, list_versions, load_version
from liendea_assets.scoring.config_watch import look_at_config
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.rescore import rescore
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def candidate(home: Home, text: str) -> Path:
    path = home.config / "candidates" / "next.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_file_is_swapped_and_the_former_one_kept_as_it_was(home: Home) -> None:
    former = (home.config / "icp_scoring.yaml").read_bytes()
    old = config_version(load_scoring_settings(home))
    applied = apply_config(home, candidate(home, "# why\nminimum_score: 60\n"), NOW)
    assert (home.config / "icp_scoring.yaml").read_text() == "# why\nminimum_score: 60\n"
    [kept] = applied.kept
    assert kept.name == f"icp_scoring-2026-10-05-{old}.yaml"
    assert kept.read_bytes() == former
    assert (applied.former_version, applied.version) == (old, config_version(load_scoring_settings(home)))
    assert look_at_config(home, old, None).is_new
    assert not list(home.config.rglob(".*"))


def test_one_that_is_not_right_or_says_the_same_is_refused_and_nothing_changes(home: Home) -> None:
    former = (home.config / "icp_scoring.yaml").read_bytes()
    for text, reason in (("minimum_score: sixty\n", r"next\.yaml:1: minimum_score"), ("minimum_score: 50  # as before\n", "says the same")):
        with pytest.raises(SettingsError, match=reason):
            apply_config(home, candidate(home, text), NOW)
    assert (home.config / "icp_scoring.yaml").read_bytes() == former
    assert kept_files(home) == []


def test_going_there_and_back_keeps_each_content_once(home: Home) -> None:
    texts = ["minimum_score: 60\n", "minimum_score: 61\n", "minimum_score: 60 # other words\n", "minimum_score: 62\n"]
    for text in (texts[0], texts[1], texts[0], texts[1], texts[2], texts[3]):
        apply_config(home, candidate(home, text), NOW)
    kept = [file.path.read_text() for file in kept_files(home)]
    assert len(kept) == 4
    assert set(texts[:3]) < set(kept)


def test_a_home_without_the_file_has_the_shipped_one_as_its_former(home: Home) -> None:
    (home.config / "icp_scoring.yaml").unlink()
    applied = apply_config(home, candidate(home, "minimum_score: 60\n"), NOW)
    assert applied.kept[0].read_bytes() == (default_config() / "icp_scoring.yaml").read_bytes()


def test_a_broken_file_is_replaced_too(home: Home) -> None:
    (home.config / "icp_scoring.yaml").write_text("minimum_score: [\n")
    applied = apply_config(home, candidate(home, "minimum_score: 60\n"), NOW)
    assert applied.kept[0].read_text() == "minimum_score: [\n"
    assert load_scoring_settings(home).minimum_score == 60


def test_versions_are_listed_and_can_be_loaded_again(home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    shipped = load_scoring_settings(home)
    rescore(db, shipped, to_text(clock.now()))
    applied = apply_config(home, candidate(home, "minimum_score: 60\n"), clock.now())
    clock.sleep(60)
    rescore(db, load_scoring_settings(home), to_text(clock.now()))
    # applied, and never scored by: only its file tells what it says
    unused = apply_config(home, candidate(home, "minimum_score: 70\n"), clock.now())
    last = apply_config(home, candidate(home, "minimum_score: 80\n"), clock.now())
    table = list_versions(home, db).set_index("version")
    assert table["is_in_force"].to_dict() == {
        last.version: True, unused.version: False, applied.version: False, applied.former_version: False,
    }  # fmt: skip
    assert table["is_known"].all()
    assert str(table.loc[applied.version, "last_scored_at"]) == to_text(clock.now())
    assert load_version(home, db, applied.former_version) == shipped
    assert load_version(home, db, applied.version[:8]).minimum_score == 60
    assert load_version(home, db, unused.version).minimum_score == 70
    assert load_version(home, db, last.version).minimum_score == 80
    for wrong in ("", "0" * 16):
        with pytest.raises(SettingsError, match="there is no such version"):
            load_version(home, db, wrong)


def test_a_version_of_which_only_the_hash_was_kept_is_told_so(home: Home, db: Database) -> None:
    db.conn.execute("INSERT INTO icp_scoring_configs VALUES ('00ff00ff00ff00ff', '{}', '2026-01-01 00:00:00.000000')")
    assert not list_versions(home, db).set_index("version").loc["00ff00ff00ff00ff", "is_known"]
    with pytest.raises(SettingsError, match="only its hash is known"):
        load_version(home, db, "00ff00ff")


WORDS = "roles: {trapeze_warden: {level: influencer, words: {en: [trapeze warden]}}}\n"


def words(home: Home, text: str = WORDS) -> Path:
    path = home.config / "candidates" / "words.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_words_of_titles_are_swapped_and_kept_likewise(home: Home) -> None:
    former = (home.config / "titles.yaml").read_bytes()
    old = config_version(load_scoring_settings(home))
    applied = apply_config(home, None, NOW, words(home))
    [kept] = applied.kept
    assert kept.name == f"titles-2026-10-05-{old}.yaml"
    assert kept.read_bytes() == former
    assert (home.config / "titles.yaml").read_text() == WORDS
    assert "trapeze_warden" in load_scoring_settings(home).titles.roles
    with pytest.raises(SettingsError, match=r"words\.yaml: says the same"):
        apply_config(home, None, NOW, words(home))


def test_a_candidate_that_is_not_right_swaps_neither_file(home: Home) -> None:
    before = [(home.config / name).read_bytes() for name in ("icp_scoring.yaml", "titles.yaml")]
    with pytest.raises(SettingsError, match=r"words\.yaml:1: roles\.trapeze_warden: found no level"):
        apply_config(home, candidate(home, "minimum_score: 60\n"), NOW, words(home, WORDS.replace("level: influencer, ", "")))
    assert [(home.config / name).read_bytes() for name in ("icp_scoring.yaml", "titles.yaml")] == before
    assert kept_files(home) == []


def test_a_version_of_both_files_comes_back_from_what_was_kept(home: Home, db: Database) -> None:
    """Never scored by, so that files alone tell what it said; the words changed by themselves, then both at once."""
    shipped = load_scoring_settings(home)
    first = apply_config(home, None, NOW, words(home))
    with_words = load_scoring_settings(home)
    apply_config(home, candidate(home, "minimum_score: 60\n"), NOW, words(home, "without: [partner success]\n"))
    apply_config(home, candidate(home, "minimum_score: 70\n"), NOW)
    assert load_version(home, db, first.former_version) == shipped
    assert load_version(home, db, first.version) == with_words
    files = list_versions(home, db).set_index("version")["file"]
    assert {name.partition("-")[0] for name in str(files[first.version]).split(", ")} == {"icp_scoring", "titles"}
