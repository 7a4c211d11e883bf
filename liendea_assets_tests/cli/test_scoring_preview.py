"""The commands about scoring configs, as a user types them."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from liendea_assets.cli.main import liendea
from liendea_assets.core.clock import to_text
from liendea_assets.core.home import Home
from liendea_assets.db.connection import transaction
from liendea_assets.operations.backup import back_up
from liendea_assets.outreach import assets as outreach_assets
from liendea_assets.resources import open_home_database
from liendea_assets.scoring import target_store
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.retarget import retarget
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact


def call(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(liendea, [*arguments, "--home", str(home.root)], env={"COLUMNS": "250"})


@pytest.fixture
def scored_home(home: Home, clock: VirtualClock) -> Home:
    """Three targets, scored by the shipped config, and a backup of 5 October 2026."""
    db = open_home_database(home)
    for contact_id in (1, 2, 3):
        add_contact(db, contact_id)
    settings = load_scoring_settings(home)
    rescore(db, settings, to_text(clock.now()))
    retarget(db, settings, clock.now())
    outreach_assets.outreach_campaigns(home=home, database=db, clock=clock)
    back_up(db, home.data / "backups", date(2026, 10, 5), 30)
    db.conn.close()
    return home


def candidate(home: Home, text: str = "minimum_score: 95\n") -> Path:
    path = home.config / "candidates" / "strict.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_preview_shows_who_would_leave_and_changes_neither_config_nor_database(scored_home: Home) -> None:
    database, config = scored_home.data / "liendea.db", scored_home.config / "icp_scoring.yaml"
    before = database.read_bytes(), config.read_bytes()
    result = call(scored_home, "preview-scoring", str(candidate(scored_home)))
    assert result.exit_code == 0, result.output
    assert "changed: minimum_score" in result.output
    assert "3 leave the targets" in result.output
    assert "Robin Weaver" in result.output
    assert (database.read_bytes(), config.read_bytes()) == before
    written = list((scored_home.exports / "scoring_previews").iterdir())
    assert sorted(path.suffix for path in written) == [".html", ".xlsx"]


def test_preview_goes_where_it_is_told_to(scored_home: Home, tmp_path: Path) -> None:
    result = call(scored_home, "preview-scoring", str(candidate(scored_home)), "--out", str(tmp_path / "here"))
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "here").iterdir())) == 2
    assert not scored_home.exports.exists()


@pytest.mark.parametrize("arguments", [(), ("FILE", "--version", "abcd"), ("--titles", "FILE", "--version", "abcd")])
def test_preview_wants_files_or_a_version(scored_home: Home, arguments: tuple[str, ...]) -> None:
    path = str(candidate(scored_home))
    assert call(scored_home, "preview-scoring", *(path if one == "FILE" else one for one in arguments)).exit_code == 2


def test_a_candidate_that_is_not_right_is_told_with_its_line(scored_home: Home) -> None:
    for command in ("preview-scoring", "apply-scoring"):
        result = call(scored_home, command, str(candidate(scored_home, "\nminimum_score: many\n")))
        assert result.exit_code == 1
        assert "strict.yaml:2: minimum_score: found 'many'" in result.output


def test_words_of_titles_are_previewed_and_applied_as_the_config_is(scored_home: Home) -> None:
    path = candidate(scored_home, "without: [vp]\n")
    config, words = scored_home.config / "icp_scoring.yaml", scored_home.config / "titles.yaml"
    before = config.read_bytes(), words.read_bytes()
    result = call(scored_home, "preview-scoring", "--titles", str(path))
    assert result.exit_code == 0, result.output
    assert "changed: titles.without" in result.output
    assert (config.read_bytes(), words.read_bytes()) == before
    applied = call(scored_home, "apply-scoring", "--titles", str(path))
    assert applied.exit_code == 0, applied.output
    assert "config/titles.yaml: version" in applied.output
    assert (config.read_bytes(), words.read_text()) == (before[0], "without: [vp]\n")
    wrong = call(scored_home, "apply-scoring", "--titles", str(candidate(scored_home, "\nroles: {bid: {}}\n")))
    assert "strict.yaml:2: roles.bid: found no level" in wrong.output
    assert call(scored_home, "apply-scoring").exit_code == 2


def test_apply_and_back_by_the_version_that_history_tells(scored_home: Home) -> None:
    applied = call(scored_home, "apply-scoring", str(candidate(scored_home)), "--run")
    assert applied.exit_code == 0, applied.output
    assert "icp_scores: 3 rows" in applied.output
    assert "icp_targets: 0 rows" in applied.output
    history = call(scored_home, "scoring-history").output
    [former] = [line for line in history.splitlines() if "icp_scoring-" in line]
    version = former.split()[0]
    preview = call(scored_home, "preview-scoring", "--version", version[:8])
    assert "3 enter the targets" in preview.output
    [kept] = (scored_home.config / "history").iterdir()
    assert call(scored_home, "apply-scoring", str(kept), "--run").exit_code == 0
    assert "0 enter the targets" in call(scored_home, "preview-scoring", "--version", version).output


def test_targets_of_an_earlier_day_come_from_its_backup(scored_home: Home, tmp_path: Path, clock: VirtualClock) -> None:
    db = open_home_database(scored_home)
    target_store.store_targets(db, target_store.read_targets(db).head(0), to_text(clock.now()))
    db.conn.close()
    backup = scored_home.data / "backups" / "liendea-2026-10-05.db"
    before = backup.read_bytes()
    result = call(scored_home, "targets", "--as-of", "2026-10-05")
    assert result.exit_code == 0, result.output
    assert "Targets: 3" in result.output
    for name in ("list.xlsx", "list.csv"):
        assert call(scored_home, "targets", "--as-of", "2026-10-05", "--export", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / "list.csv").read_text("utf-8-sig").count("Robin Weaver") == 3
    assert backup.read_bytes() == before


def test_a_day_without_a_backup_is_told_with_the_nearest(scored_home: Home) -> None:
    result = call(scored_home, "targets", "--as-of", "2026-10-07")
    assert result.exit_code == 1
    assert "there is no backup of 2026-10-07" in result.output
    assert "2026-10-05" in result.output


def test_a_backup_of_an_older_version_is_read_and_left_as_it_is(scored_home: Home, clock: VirtualClock) -> None:
    """Its schema is brought to this version in a copy."""
    backup = scored_home.data / "backups" / "liendea-2026-10-05.db"
    db = open_home_database(scored_home)
    with transaction(db) as connection:
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm004_decision_files'")
        for table in [
            row["name"] for row in connection.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'decision_%' AND type = 'table'")
        ]:
            connection.execute(f"DROP TABLE {table}")
    backup.unlink()
    back_up(db, backup.parent, date(2026, 10, 5), 30)
    db.conn.close()
    before = backup.read_bytes()
    result = call(scored_home, "targets", "--as-of", "2026-10-05")
    assert result.exit_code == 0, result.output
    assert "Targets: 3" in result.output
    assert backup.read_bytes() == before
    assert not [path for path in scored_home.data.iterdir() if path.name.startswith("tmp")]
