from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.core.errors import SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.outreach import suppression_store as store
from liendea_assets.outreach.suppression import SuppressionFile, read_suppressions, recipients
from liendea_assets.scoring.suppression_list import SuppressionList
from liendea_assets_tests.outreach.campaigns import KEY, OTHER_KEY


def read(folder: Path, *lines: str) -> SuppressionFile:
    path = folder / "suppressions.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_suppressions(path, KEY)


def listing(folder: Path, *lines: str) -> SuppressionList:
    listed = read(folder, *lines)
    assert listed.bad_lines == []
    return SuppressionList(KEY, [(entry.kind, entry.key_hash) for entry in listed.entries])


def reason(suppressed: SuppressionList, email: str | None = None, url: str | None = None) -> str | None:
    return suppressed.reason({"work_email": email, "linkedin_url": url})


@pytest.mark.parametrize(
    "written",
    [
        "robin@acme.example",
        "Robin@Acme.EXAMPLE",
        "  robin@acme.example  ",
        "mailto:robin@acme.example",
        "<robin@acme.example>",
        '"robin@acme.example",asked for it',
        "\ufeffrobin@acme.example",
    ],
)
def test_address_is_found_however_it_was_written(tmp_path: Path, written: str) -> None:
    suppressed = listing(tmp_path, written)
    assert reason(suppressed, "robin@acme.example") == "the address is suppressed"
    assert reason(suppressed, "ROBIN@acme.example") == "the address is suppressed"
    assert reason(suppressed, "robin@acme.example.org") is None
    assert reason(suppressed, "alex@acme.example") is None


@pytest.mark.parametrize(
    "written",
    [
        "acme.example",
        "ACME.example",
        "@acme.example",
        ".acme.example",
        "acme.example.",
        "www.acme.example",
        "https://www.acme.example/about?x=1",
        "http://acme.example:8080",
    ],
)
def test_domain_holds_for_all_its_addresses_and_those_below_it(tmp_path: Path, written: str) -> None:
    suppressed = listing(tmp_path, written)
    for email in ("robin@acme.example", "Robin@ACME.example", "robin@mail.acme.example", "robin@a.b.acme.example"):
        assert reason(suppressed, email) == "the domain is suppressed"
    for email in ("robin@notacme.example", "robin@acme.example.org", "acme.example@other.example", "robin@example"):
        assert reason(suppressed, email) is None


def test_domain_below_says_nothing_of_the_one_above(tmp_path: Path) -> None:
    assert reason(listing(tmp_path, "mail.acme.example"), "robin@acme.example") is None


@pytest.mark.parametrize(
    "written",
    [
        "https://www.linkedin.com/in/robin-weaver",
        "https://www.linkedin.com/in/robin-weaver/",
        "http://linkedin.com/in/Robin-Weaver",
        "HTTPS://DE.LINKEDIN.COM/IN/ROBIN-WEAVER",
        "linkedin.com/in/robin-weaver",
        "www.linkedin.com/in/robin-weaver/details/experience/",
        "https://www.linkedin.com/in/robin-weaver?trk=people#top",
        "https://www.linkedin.com/in/robin%2Dweaver",
    ],
)
def test_profile_is_found_however_its_address_was_written(tmp_path: Path, written: str) -> None:
    suppressed = listing(tmp_path, "https://www.linkedin.com/in/robin-weaver")
    assert reason(suppressed, url=written) == "the LinkedIn profile is suppressed"
    suppressed = listing(tmp_path, written)
    assert reason(suppressed, url="https://www.linkedin.com/in/robin-weaver") == "the LinkedIn profile is suppressed"
    assert reason(suppressed, url="https://www.linkedin.com/in/robin-weaver-2") is None
    assert reason(suppressed, "robin@linkedin.com") is None


@pytest.mark.parametrize(
    "other", ["https://www.linkedin.com/in/%C3%89LODIE", "https://www.linkedin.com/in/ÉLODIE", "linkedin.com/in/e\u0301lodie"]
)
def test_accents_of_a_profile_have_one_spelling(tmp_path: Path, other: str) -> None:
    assert reason(listing(tmp_path, "https://www.linkedin.com/in/%C3%A9lodie"), url=other) is not None
    assert reason(listing(tmp_path, other), url="https://www.linkedin.com/in/élodie") is not None


def test_of_whom_nothing_is_known_nothing_is_said(tmp_path: Path) -> None:
    suppressed = listing(tmp_path, "acme.example", "linkedin.com/in/robin")
    assert reason(suppressed) is None
    assert reason(suppressed, "", "") is None
    assert suppressed.reason({}) is None


@pytest.mark.parametrize(
    "bad",
    [
        "Robin Weaver",
        "robin@",
        "robin@acme",
        "acme",
        "robin@acme.example;asked for it",
        "acme.example;asked for it",
        "robin@acme.example alex@acme.example",
        "acme.example other.example",
        "*.acme.example",
        "https://www.linkedin.com/company/acme",
        "https://www.linkedin.com/in/",
        "+1 555 0100",
    ],
)
def test_line_that_names_nobody_in_full_is_reported_with_its_number(tmp_path: Path, bad: str) -> None:
    """Taken for something else, it would silently suppress nobody."""
    listed = read(tmp_path, "value,reason", "acme.example", bad, "other.example")
    assert listed.bad_lines == [3]
    assert len([entry for entry in listed.entries if entry.reason != "marks the key"]) == 2


@pytest.mark.parametrize("header", ["value,reason", "Email", "address", "DOMAIN"])
def test_header_blank_lines_and_remarks_are_no_entries(tmp_path: Path, header: str) -> None:
    assert read(tmp_path, header, "", "# competitors", "  ") == SuppressionFile([], [])


def test_reason_is_the_files_or_says_where_it_stands(tmp_path: Path) -> None:
    listed = read(tmp_path, "acme.example,own customer", "other.example,", "third.example")
    assert [entry.reason for entry in listed.entries][:3] == ["own customer", *["listed in suppressions.csv"] * 2]


def test_no_file_suppresses_nobody(tmp_path: Path) -> None:
    assert read_suppressions(tmp_path / "none.csv", KEY) == SuppressionFile([], [])
    assert reason(SuppressionList(KEY, []), "robin@acme.example") is None


def test_entries_of_another_key_stop_everything(tmp_path: Path) -> None:
    entries = [(entry.kind, entry.key_hash) for entry in read(tmp_path, "acme.example").entries]
    with pytest.raises(SettingsError, match=r"secret\.key is not the key"):
        SuppressionList(OTHER_KEY, entries)


def test_database_holds_no_suppressed_value_in_plain_text(tmp_path: Path, db: Database) -> None:
    listed = read(tmp_path, "robin.weaver@acmelabs.example", "northwind.example", "linkedin.com/in/robin-weaver")
    store.add_suppressions(db, listed.entries, "2026-10-05 09:00:00.000000")
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (tmp_path / "test.db").read_bytes()
    assert all(value not in content for value in (b"robin", b"acmelabs", b"northwind"))
    assert listed.entries[0].key_hash.encode() in content


def test_entry_that_stands_keeps_reason_and_date(tmp_path: Path, db: Database) -> None:
    store.add_suppressions(db, read(tmp_path, "acme.example,first").entries, "2026-10-05 09:00:00.000000")
    store.add_suppressions(db, read(tmp_path, "ACME.example,second").entries, "2026-10-06 09:00:00.000000")
    rows = [(row["reason"], row["created_at"][:10]) for row in db.table("suppressions").rows]
    assert rows == [("first", "2026-10-05"), ("marks the key", "2026-10-05")]


def test_same_text_as_address_domain_and_profile_has_unrelated_hashes(tmp_path: Path) -> None:
    entries = read(tmp_path, "robin.example", "linkedin.com/in/robin.example").entries
    assert entries[0].key_hash != entries[1].key_hash


def test_recipients_of_an_email_are_those_in_its_text_too() -> None:
    queued = {
        "work_email": "new@acme.example",
        "linkedin_url": None,
        "outreach_type": "email",
        "message": "To: Robin <old@acme.example>\r\n\r\nHi",
    }
    assert [person["work_email"] for person in recipients(queued)] == ["new@acme.example", "old@acme.example"]
    assert len(recipients({**queued, "outreach_type": "linkedin_message"})) == 1


LABELS = st.text("abcxyz09", min_size=1, max_size=8)


@given(LABELS, st.lists(LABELS, min_size=1, max_size=3), LABELS, st.booleans(), st.data())
def test_spelling_lifts_no_suppression(
    tmp_path_factory: pytest.TempPathFactory, name: str, labels: list[str], below: str, is_domain: bool, data: st.DataObject
) -> None:
    domain = ".".join([*labels, "example"])
    entry = domain if is_domain else f"{name}@{domain}"
    written = "".join(data.draw(st.sampled_from([char.upper(), char.lower()])) for char in entry)
    suppressed = listing(tmp_path_factory.mktemp("listed"), written)
    assert reason(suppressed, f"{name}@{domain}") is not None
    assert (reason(suppressed, f"{name}@{below}.{domain}") is not None) is is_domain


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_however_a_spreadsheet_program_saved_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "suppressions.csv"
    path.write_bytes("value,reason\nrobin@acme.example,José asked\n".encode(encoding))
    listed = read_suppressions(path, KEY)
    assert not listed.bad_lines
    assert listed.entries[0].reason == "José asked"
