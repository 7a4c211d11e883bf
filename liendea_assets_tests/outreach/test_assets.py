import csv
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.outreach import assets
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_target


def materialize(home: Home, db: Database, clock: VirtualClock) -> dict[str, dg.MaterializeResult[Any]]:
    """The whole stage, in its order."""
    made = {
        "suppressions": assets.suppressions(home=home, database=db, clock=clock),
        "campaigns": assets.outreach_campaigns(home=home, database=db, clock=clock),
        "email": assets.email_queue(home=home, database=db, clock=clock),
        "linkedin": assets.linkedin_queue(home=home, database=db, clock=clock),
        "deliveries": assets.email_deliveries(
            config=assets.DeliveryConfig(), home=home, database=db, clock=clock, mailboxes=lambda _settings: {}, rate_limits={}
        ),
    }
    assert all(isinstance(result, dg.MaterializeResult) for result in made.values())
    return made  # type: ignore[return-value]  # as just asserted


def metadata(result: dg.MaterializeResult[Any], name: str) -> object:
    assert result.metadata is not None
    return result.metadata[name]


def passed(result: dg.MaterializeResult[Any]) -> list[bool]:
    return [check.passed for check in result.check_results or []]


def mail_files(home: Home) -> list[Path]:
    return sorted((home.exports / "emails").rglob("*.eml"))


def test_shipped_campaigns_reach_a_target_and_send_nothing(home: Home, db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, strength=6.0)
    made = materialize(home, db, clock)
    assert (metadata(made["email"], "queued"), metadata(made["linkedin"], "listed_today"), metadata(made["deliveries"], "sent")) == (
        1,
        1,
        0,
    )
    (mail,) = mail_files(home)
    assert b"My colleague Alex Morgan knows you on LinkedIn" in mail.read_bytes()
    with (home.exports / "linkedin_2026-10-05.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["mutual_connection"] for row in csv.DictReader(file)] == ["Alex Morgan"]


def test_exports_are_for_the_owner_alone(home: Home, db: Database, clock: VirtualClock) -> None:
    materialize(home, db, clock)
    assert home.exports.stat().st_mode & 0o777 == 0o700


def test_suppressing_somebody_withdraws_message_and_file(home: Home, db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    materialize(home, db, clock)
    assert len(mail_files(home)) == 1
    (home.data / "suppressions.csv").write_text("value,reason\nacmelabs.example,competitor\n")
    made = materialize(home, db, clock)
    assert mail_files(home) == []
    assert passed(made["email"]) == passed(made["linkedin"]) == [True, True]
    # taking the line out of the file lifts nothing
    (home.data / "suppressions.csv").unlink()
    materialize(home, db, clock)
    assert mail_files(home) == []


def test_line_that_is_not_understood_fails_the_check(home: Home, db: Database, clock: VirtualClock) -> None:
    (home.data / "suppressions.csv").write_text("acmelabs.example\nRobin Weaver\n")
    result = assets.suppressions(home=home, database=db, clock=clock)
    assert isinstance(result, dg.MaterializeResult)
    assert passed(result) == [False]
    assert "Robin" not in repr(result)


def test_new_key_is_refused_before_it_hides_that_the_former_one_is_lost(home: Home, db: Database, clock: VirtualClock) -> None:
    """Entries of the former key can be found by nobody; the file may not hold them any more."""
    (home.data / "suppressions.csv").write_text("acmelabs.example\n")
    materialize(home, db, clock)
    (home.data / "secret.key").unlink()
    (home.data / "suppressions.csv").write_text("other.example\n")
    add_target(db, 1)
    for _ in range(2):
        with pytest.raises(SettingsError, match="restore it from a backup"):
            assets.suppressions(home=home, database=db, clock=clock)
        with pytest.raises(SettingsError, match="restore it from a backup"):
            assets.email_queue(home=home, database=db, clock=clock)
    assert db.table("outreach_log").count == 0


def test_nobody_is_named_in_the_metadata(home: Home, db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, strength=6.0)
    (home.data / "suppressions.csv").write_text("someone@blocked.example\n")
    told = repr(materialize(home, db, clock))
    assert not [name for name in ("Robin", "Weaver", "acmelabs", "Alex", "someone", "blocked.example") if name in told]
