import dagster as dg

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.operations import assets
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact


def materialize(home: Home, db: Database, clock: VirtualClock) -> dict[str, object]:
    result = assets.database_backup(home=home, database=db, clock=clock)
    assert isinstance(result, dg.MaterializeResult)
    return dict(result.metadata or {})


def test_there_is_one_private_backup_a_day(home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    told = [materialize(home, db, clock)["is_new"], materialize(home, db, clock)["is_new"]]
    clock.sleep(86_400)
    told.append(materialize(home, db, clock)["is_new"])
    assert told == [True, False, True]
    folder = home.data / "backups"
    assert sorted(path.name for path in folder.iterdir()) == ["liendea-2026-10-05.db", "liendea-2026-10-06.db"]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_retention_is_a_setting(home: Home, db: Database, clock: VirtualClock) -> None:
    (home.config / "database.yaml").write_text("backup_retention_days: 1\n")
    materialize(home, db, clock)
    clock.sleep(2 * 86_400)
    assert materialize(home, db, clock)["deleted"] == 1


def test_backups_can_be_turned_off(home: Home, db: Database, clock: VirtualClock) -> None:
    (home.config / "database.yaml").write_text("backup_enabled: false\n")
    assert materialize(home, db, clock) == {"enabled": False}
    assert not (home.data / "backups").exists()
