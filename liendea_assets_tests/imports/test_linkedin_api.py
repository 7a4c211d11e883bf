import io
import random
import stat
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, PlainTextResponse

from liendea_assets.clients.linkedin import NotCollatedYet, SnapshotPage
from liendea_assets.core.errors import LimitReached, RejectedAnswer, ServiceUnavailable, SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.imports.inbox import list_files
from liendea_assets.imports.linkedin_api import CONNECTIONS, DOMAINS, FetchReport, build_archive, fetch_snapshot
from liendea_assets.imports.linkedin_export import read_export
from liendea_assets.imports.linkedin_pages import KEPT_DAYS, KeptPages
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.sandbox.linkedin_server import LinkedIn, Member, Row, create_app
from liendea_assets_tests.builders import csv_text
from liendea_assets_tests.clients.servers import Scripted
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.linkedin_members import (
    ACCOUNT,
    MESSAGE_TEXT,
    WIDE,
    Windows,
    connection_row,
    full_domains,
    linkedin_on,
    message_row,
    no_progress,
    snapshot_of,
)

DAY_S = 86_400.0
MEMBERS = (
    "Connections.csv",
    "Profile.csv",
    "Positions.csv",
    "Invitations.csv",
    "Endorsement_Received_Info.csv",
    "Recommendations_Received.csv",
    "messages.csv",
)


class Fetcher:
    """Fetches from one LinkedIn into one folder, as often as wanted."""

    def __init__(self, folder: Path, db: Database, clock: VirtualClock) -> None:
        self.inbox = folder / "inbox"
        self.pages = folder / "pages" / ACCOUNT
        self._db = db
        self._clock = clock

    def fetch(self, server: LinkedIn, windows: Windows = WIDE, max_wait_s: float = 600.0) -> FetchReport:
        with snapshot_of(
            create_app(server), self._db, self._clock, token=server.give_token(), windows=windows, max_wait_s=max_wait_s
        ) as client:
            return fetch_snapshot(client, ACCOUNT, self.inbox, KeptPages(self.pages), self._clock, no_progress)

    def archive(self) -> Mapping[str, str]:
        """Member → its text."""
        with zipfile.ZipFile(self.inbox / f"linkedin_api_{ACCOUNT}.zip") as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture
def fetcher(tmp_path: Path, db: Database, clock: VirtualClock) -> Fetcher:
    return Fetcher(tmp_path, db, clock)


def member(domains: Mapping[str, Sequence[Row]] | None = None, **changed: Sequence[Row]) -> Member:
    return Member({**(full_domains() if domains is None else domains), **changed})


def test_the_snapshot_becomes_one_archive_in_the_export_s_layout(fetcher: Fetcher, clock: VirtualClock) -> None:
    report = fetcher.fetch(linkedin_on(clock, member()))
    assert tuple(fetcher.archive()) == MEMBERS
    assert (report.path, report.is_new) == (fetcher.inbox / "linkedin_api_alex.zip", True)
    assert list(report.rows.values()) == [3, 1, 1, 1, 1, 1, 2]
    assert [(file.name, file.kind) for file in list_files(fetcher.inbox)] == [("linkedin_api_alex.zip", "linkedin_export")]
    assert not fetcher.pages.exists()


def test_its_rows_are_read_like_those_of_the_csv(
    fetcher: Fetcher, clock: VirtualClock, tmp_path: Path, import_settings: ImportSettings
) -> None:
    """The same people, the same owner, the same counts of messages as from LinkedIn's own export."""
    domains = full_domains(connections=25)
    fetcher.fetch(linkedin_on(clock, member(domains)))
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for domain in DOMAINS:
            rows = domains[domain.name]
            columns = list(rows[0])
            archive.writestr(domain.member, csv_text([columns, *([row.get(name, "") for name in columns] for row in rows)]))

    fetched = read_export(fetcher.inbox / "linkedin_api_alex.zip", import_settings)
    exported = read_export(tmp_path / "export.zip", import_settings)

    assert len(fetched.parts[0].numbers) == 25
    assert sorted(fetched.parts[0].fields().to_numpy().tolist()) == sorted(exported.parts[0].fields().to_numpy().tolist())
    assert list(fetched.parts[0].fields().columns) == list(exported.parts[0].fields().columns)
    assert (fetched.owner, fetched.owner_linkedin_id) == (exported.owner, exported.owner_linkedin_id) == ("Alex Morgan", "alex-morgan")
    assert fetched.activity is not None
    assert exported.activity is not None
    # the archive's rows are sorted, so their numbers differ
    told, expected = (one.drop(columns=["row_number"]).astype(str).to_numpy().tolist() for one in (fetched.activity, exported.activity))
    assert told == expected
    zoe = dict(zip(fetched.activity.columns, fetched.activity.iloc[0], strict=True))
    assert (zoe["linkedin_id"], zoe["sent"], zoe["received"], zoe["last_received_on"]) == ("zoe-0", 0, 2, "2026-02-02")
    assert (zoe["invited_by"], zoe["endorsements_received"]) == ("owner", 1)


def test_what_the_import_does_not_need_is_written_nowhere(tmp_path: Path, fetcher: Fetcher, clock: VirtualClock) -> None:
    """Neither in the archive nor in the pages that are kept while a fetch is under way."""
    server = linkedin_on(clock, member())
    for _ in range(8):
        try:
            fetcher.fetch(server, windows=((int(DAY_S), 2),), max_wait_s=0)
        except LimitReached:
            clock.sleep(DAY_S + 1)
        written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        for needless in (MESSAGE_TEXT, "a private subject", "a private title", "a birth date", "a street", "a text"):
            assert needless.encode() not in written
    assert ",,INBOX," in fetcher.archive()["messages.csv"]


def test_messages_without_two_sides_and_endorsements_that_were_given_are_left_out(fetcher: Fetcher, clock: VirtualClock) -> None:
    nobody = {"SENDER_PROFILE_URL": "", "RECIPIENT_PROFILE_URLS": ""}
    fetcher.fetch(linkedin_on(clock, member(INBOX=[message_row(0), message_row(1, **nobody)])))
    assert len(fetcher.archive()["messages.csv"].splitlines()) == 2
    assert "Buying" not in fetcher.archive()["Endorsement_Received_Info.csv"]


@given(seed=st.integers(0, 2**32))
def test_equal_rows_give_equal_bytes_in_whatever_order_they_came(seed: int) -> None:
    rows = [[f"a{number}", "", "é", "", "", "", ""] for number in range(6)]
    shuffled = random.Random(seed).sample(rows, len(rows))
    assert build_archive({CONNECTIONS: rows}) == build_archive({CONNECTIONS: shuffled})


def test_the_archive_tells_no_time_and_no_machine() -> None:
    with zipfile.ZipFile(io.BytesIO(build_archive({CONNECTIONS: [["a"] * 7]}))) as archive:
        (info,) = archive.infolist()
    assert (info.date_time, info.create_system, info.compress_type) == ((1980, 1, 1, 0, 0, 0), 3, zipfile.ZIP_STORED)


def test_the_same_data_again_leaves_the_archive_alone(fetcher: Fetcher, clock: VirtualClock) -> None:
    first = fetcher.fetch(linkedin_on(clock, member()))
    stamp = first.path.stat().st_mtime_ns
    clock.sleep(DAY_S)
    domains = {name: list(reversed(rows)) for name, rows in full_domains().items()}
    again = fetcher.fetch(linkedin_on(clock, member(domains), page_rows=1))
    assert not again.is_new
    assert first.path.stat().st_mtime_ns == stamp


def test_changed_data_replaces_the_archive(fetcher: Fetcher, clock: VirtualClock) -> None:
    fetcher.fetch(linkedin_on(clock, member()))
    assert fetcher.fetch(linkedin_on(clock, member(CONNECTIONS=[connection_row(9)]))).is_new
    assert [path.name for path in fetcher.inbox.iterdir()] == ["linkedin_api_alex.zip"]
    assert "zoe-9" in fetcher.archive()["Connections.csv"]


def test_optional_domains_may_be_missing(fetcher: Fetcher, clock: VirtualClock) -> None:
    report = fetcher.fetch(linkedin_on(clock, Member({"CONNECTIONS": [connection_row()]})))
    assert list(fetcher.archive()) == ["Connections.csv"]
    assert [rows for domain, rows in report.rows.items() if domain != "CONNECTIONS"] == [None] * 6


def test_an_absent_domain_is_asked_for_once_per_fetch(fetcher: Fetcher, clock: VirtualClock) -> None:
    server = linkedin_on(clock, Member({"CONNECTIONS": [connection_row()]}))
    with pytest.raises(LimitReached):
        fetcher.fetch(server, windows=((int(DAY_S), 4),), max_wait_s=0)
    clock.sleep(DAY_S + 1)
    fetcher.fetch(server)
    assert sorted(set(server.asked)) == sorted(server.asked)


@pytest.mark.parametrize("connections", [(), None])
def test_no_connections_are_an_error_and_no_import_of_nobody(
    fetcher: Fetcher, clock: VirtualClock, connections: Sequence[Row] | None
) -> None:
    domains = {name: rows for name, rows in full_domains().items() if name != "CONNECTIONS"}
    server = linkedin_on(clock, member(domains if connections is None else {**domains, "CONNECTIONS": connections}))
    with pytest.raises(NotCollatedYet, match="Try again later"):
        fetcher.fetch(server)
    assert not fetcher.inbox.exists()
    server.member = member()
    assert fetcher.fetch(server).is_new


def test_an_empty_first_page_of_connections_is_an_error(fetcher: Fetcher, db: Database, clock: VirtualClock) -> None:
    app = Scripted(JSONResponse({"paging": {}, "elements": []}))
    with snapshot_of(app, db, clock) as client, pytest.raises(NotCollatedYet, match="empty"):
        fetch_snapshot(client, ACCOUNT, fetcher.inbox, KeptPages(fetcher.pages), clock, no_progress)
    assert not fetcher.inbox.exists()
    assert not fetcher.pages.exists()


def test_a_page_without_a_required_column_is_refused_by_its_name(fetcher: Fetcher, clock: VirtualClock) -> None:
    rows = [{name: value for name, value in connection_row().items() if name != "Connected On"}]
    with pytest.raises(RejectedAnswer, match="page 1 of CONNECTIONS has no column Connected On"):
        fetcher.fetch(linkedin_on(clock, member(CONNECTIONS=rows)))
    assert not fetcher.inbox.exists()


def test_columns_are_known_without_case_and_punctuation_and_unknown_ones_dropped(fetcher: Fetcher, clock: VirtualClock) -> None:
    rows = [{name.upper().replace(" ", "_"): value for name, value in connection_row().items()} | {"Shoe Size": "44"}]
    fetcher.fetch(linkedin_on(clock, member(CONNECTIONS=rows)))
    text = fetcher.archive()["Connections.csv"]
    assert text.startswith("First Name,Last Name,URL,Email Address,Company,Position,Connected On\n")
    assert "zoe-0" in text
    assert "44" not in text


@pytest.mark.parametrize("per_day", [2, 5])
def test_a_stop_at_any_page_costs_no_page_twice(fetcher: Fetcher, clock: VirtualClock, tmp_path: Path, db: Database, per_day: int) -> None:
    """At a hundred calls a day, to start anew would mean never to arrive."""
    server = linkedin_on(clock, member(full_domains(connections=5)), page_rows=1)
    windows: Windows = ((int(DAY_S), per_day),)
    stops = 0
    while True:
        try:
            fetcher.fetch(server, windows=windows, max_wait_s=0)
            break
        except LimitReached:
            stops += 1
            clock.sleep(DAY_S / 2 + 1)
    assert stops >= 17 // per_day
    assert sorted(server.asked) == sorted(set(server.asked))
    whole = Fetcher(tmp_path / "whole", db, clock)
    whole.fetch(linkedin_on(clock, member(full_domains(connections=5))))
    assert whole.archive() == fetcher.archive()


def test_connections_do_not_wait_for_days_of_messages(fetcher: Fetcher, clock: VirtualClock) -> None:
    """Where nothing of the account was there before; later stops leave the archive as it is."""
    server = linkedin_on(clock, member(), page_rows=1)
    with pytest.raises(LimitReached):
        fetcher.fetch(server, windows=((int(DAY_S), 6),), max_wait_s=0)
    assert tuple(fetcher.archive()) == MEMBERS[:2]
    clock.sleep(DAY_S + 1)
    with pytest.raises(LimitReached):
        fetcher.fetch(server, windows=((int(DAY_S), 3),), max_wait_s=0)
    assert tuple(fetcher.archive()) == MEMBERS[:2]
    clock.sleep(DAY_S + 1)
    fetcher.fetch(server)
    assert tuple(fetcher.archive()) == MEMBERS


def test_half_of_the_connections_are_put_nowhere(fetcher: Fetcher, clock: VirtualClock) -> None:
    server = linkedin_on(clock, member(full_domains(connections=5)), page_rows=1)
    with pytest.raises(LimitReached):
        fetcher.fetch(server, windows=((int(DAY_S), 3),), max_wait_s=0)
    assert not fetcher.inbox.exists()
    assert len(list(fetcher.pages.iterdir())) == 3


@pytest.mark.parametrize("damage", ["cut", "other columns", "gone", "not a date"])
def test_a_kept_page_that_is_damaged_is_fetched_anew(fetcher: Fetcher, clock: VirtualClock, damage: str) -> None:
    server = linkedin_on(clock, member(full_domains(connections=5)), page_rows=1)
    with pytest.raises(LimitReached):
        fetcher.fetch(server, windows=((int(DAY_S), 3),), max_wait_s=0)
    path = fetcher.pages / "CONNECTIONS-00002.json"
    text = path.read_text()
    changes = {"cut": text[:20], "other columns": text.replace("Company", "Firm"), "not a date": text.replace("2026-10", "soon")}
    if damage == "gone":
        path.unlink()
    else:
        assert changes[damage] != text
        path.write_text(changes[damage])
    clock.sleep(DAY_S + 1)
    fetcher.fetch(server)
    assert server.asked.count("CONNECTIONS 1") == 2
    assert len(fetcher.archive()["Connections.csv"].split("linkedin.com/in/")) == 6


def test_pages_from_long_ago_are_dropped(fetcher: Fetcher, clock: VirtualClock) -> None:
    server = linkedin_on(clock, member(), page_rows=1)
    with pytest.raises(LimitReached):
        fetcher.fetch(server, windows=((int(DAY_S), 2),), max_wait_s=0)
    clock.sleep(KEPT_DAYS * DAY_S + 60)
    fetcher.fetch(server)
    assert server.asked.count("CONNECTIONS 0") == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_nobody_else_may_read_the_kept_pages_and_the_archive(fetcher: Fetcher, clock: VirtualClock) -> None:
    server = linkedin_on(clock, member(), page_rows=1)
    with pytest.raises(LimitReached):
        fetcher.fetch(server, windows=((int(DAY_S), 6),), max_wait_s=0)
    files = [*fetcher.pages.iterdir(), fetcher.inbox / "linkedin_api_alex.zip"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(fetcher.pages.stat().st_mode) == 0o700


def test_a_server_that_fails_leaves_what_was_fetched(fetcher: Fetcher, db: Database, clock: VirtualClock) -> None:
    app = Scripted(*[PlainTextResponse("down", 500) for _ in range(3)])
    with snapshot_of(app, db, clock) as client, pytest.raises(ServiceUnavailable):
        fetch_snapshot(client, ACCOUNT, fetcher.inbox, KeptPages(fetcher.pages), clock, no_progress)
    assert not fetcher.inbox.exists()


def test_progress_tells_domain_pages_and_rows(fetcher: Fetcher, db: Database, clock: VirtualClock) -> None:
    server = linkedin_on(clock, member(), page_rows=2)
    told: list[tuple[str, int, int]] = []
    with snapshot_of(create_app(server), db, clock, token=server.give_token()) as client:
        fetch_snapshot(client, ACCOUNT, fetcher.inbox, KeptPages(fetcher.pages), clock, lambda *step: told.append(step))
    assert told[:4] == [("CONNECTIONS", 0, 0), ("CONNECTIONS", 1, 2), ("CONNECTIONS", 2, 3), ("PROFILE", 0, 0)]


def test_dropping_pages_leaves_nothing_even_after_a_kill_amid_it(fetcher: Fetcher, clock: VirtualClock) -> None:
    """Later pages that survive their first one would be read as those of another fetch."""
    dropped = fetcher.pages.with_name(f".dropped-{ACCOUNT}")
    dropped.mkdir(parents=True)
    (dropped / "CONNECTIONS-00002.json").write_text("{}")
    fetcher.fetch(linkedin_on(clock, member()))
    assert not list(fetcher.pages.parent.iterdir())


def test_no_domain_asks_for_more_than_is_kept() -> None:
    """Nothing that is a text a person wrote, and of the profile the name alone."""
    kept = {column for domain in DOMAINS for column in domain.columns if column not in domain.emptied}
    assert not kept & {"Text", "Message", "CONTENT", "SUBJECT", "CONVERSATION TITLE", "Description", "Birth Date", "Address", "Summary"}
    assert DOMAINS[1].columns == ("First Name", "Last Name")


def test_a_revoked_token_keeps_the_pages_for_the_next_one(fetcher: Fetcher, db: Database, clock: VirtualClock) -> None:
    server = linkedin_on(clock, member(full_domains(connections=5)), page_rows=1)
    with pytest.raises(LimitReached):
        fetcher.fetch(server, windows=((int(DAY_S), 3),), max_wait_s=0)
    clock.sleep(DAY_S + 1)
    with (
        snapshot_of(create_app(server), db, clock, token="revoked") as client,
        pytest.raises(SettingsError, match="authorise"),
    ):
        fetch_snapshot(client, ACCOUNT, fetcher.inbox, KeptPages(fetcher.pages), clock, no_progress)
    fetcher.fetch(server)
    assert server.asked.count("CONNECTIONS 0") == 1


def test_messages_without_their_recipients_addresses_are_counted_by_name(
    fetcher: Fetcher, clock: VirtualClock, import_settings: ImportSettings
) -> None:
    """As of archives before 2021, which lack the column; an empty one would say that each message went to nobody."""
    fetcher.fetch(linkedin_on(clock, member(INBOX=[message_row(n, RECIPIENT_PROFILE_URLS="") for n in range(2)])))
    assert "RECIPIENT PROFILE URLS" not in fetcher.archive()["messages.csv"]
    activity = read_export(fetcher.inbox / f"linkedin_api_{ACCOUNT}.zip", import_settings).activity
    assert activity is not None
    assert activity.set_index("linkedin_id").loc["zoe-0", "received"] == 2


class Hundred:
    """A hundred small pages of connections, and nothing else."""

    def read_pages(self, domain: str, after: Sequence[str] = ()) -> Iterable[SnapshotPage]:
        if domain != "CONNECTIONS":
            raise NotCollatedYet
        for number in range(len(after), 100):
            yield SnapshotPage([connection_row(number)], str(number) if number < 99 else None)


def die_while_writing_the_archive(folder: Path) -> None:
    """As a kill does: each page is below the limit of a file's size, the archive is above."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
    fetch_snapshot(Hundred(), ACCOUNT, folder / "inbox", KeptPages(folder / "pages" / ACCOUNT), VirtualClock(), no_progress)


def test_what_a_kill_leaves_of_the_archive_is_no_file_of_the_inbox_and_goes_with_the_next_fetch(
    fetcher: Fetcher, tmp_path: Path, clock: VirtualClock
) -> None:
    process = get_context("spawn").Process(target=die_while_writing_the_archive, args=(tmp_path,))
    process.start()
    process.join(60)
    assert process.exitcode == -25
    assert [path.stat().st_size for path in fetcher.inbox.iterdir()] == [2_000]
    assert list_files(fetcher.inbox) == []

    fetch_snapshot(Hundred(), ACCOUNT, fetcher.inbox, KeptPages(fetcher.pages), clock, no_progress)

    assert [path.name for path in fetcher.inbox.iterdir()] == [f"linkedin_api_{ACCOUNT}.zip"]
    assert fetcher.archive()["Connections.csv"].count("linkedin.com/in/") == 100
