import hashlib
from pathlib import Path

import pytest

from liendea_assets.core.errors import BadValue, UnreadableFile
from liendea_assets.db.connection import Database, to_records, transaction
from liendea_assets.outreach import suppression_store as store
from liendea_assets.outreach.suppression_lists import ImportedList, name_value, read_list, write_list
from liendea_assets.scoring.suppression_list import ADDRESS, SuppressionList
from liendea_assets_tests.contacts import add_contact
from liendea_assets_tests.outreach.campaigns import KEY, OTHER_KEY

NOW = "2026-10-05 09:00:00.000000"


def read(folder: Path, text: str, known: tuple[str, ...] = ()) -> ImportedList:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return read_list(path, KEY, known)


def reasons(found: ImportedList, *emails: str) -> list[bool]:
    listed = SuppressionList(KEY, [(entry.kind, entry.key_hash) for entry in found.entries])
    return [listed.reason({"work_email": email}) is not None for email in emails]


@pytest.mark.parametrize(
    "text",
    [
        "email,reason,channel,comments\nrobin@acme.example,1,email,asked\n",
        '"Email","First Name","Unsubscribed at"\n"Robin@Acme.example","Robin","2026-01-02"\n',
        "First Name;Last Name;Email Address;Do Not Contact\nRobin;Weaver;robin@acme.example;TRUE\n",
        "\ufeffvalue,reason\nrobin@acme.example,\n",
        "robin@acme.example\n",
        "Email\tStatus\nrobin@acme.example\tunsubscribed\n",
    ],
)
def test_lists_of_other_tools_are_understood(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert found.bad_lines == []
    assert reasons(found, "robin@acme.example", "alex@acme.example") == [True, False]


def test_of_a_whole_list_of_contacts_only_those_who_opted_out_count(tmp_path: Path) -> None:
    found = read(tmp_path, "Email,Unsubscribed,Bounced\nrobin@acme.example,true,\nalex@acme.example,false,no\nkim@acme.example,,1\n")
    assert reasons(found, "robin@acme.example", "alex@acme.example", "kim@acme.example") == [True, False, True]
    assert found.passed_over == 1


def test_the_domain_beside_an_address_is_left_alone(tmp_path: Path) -> None:
    assert reasons(read(tmp_path, "email,domain\nrobin@acme.example,acme.example\n"), "alex@acme.example") == [False]
    assert reasons(read(tmp_path, "email,domain\n,acme.example\n"), "alex@acme.example") == [True]


def test_hashes_of_other_tools_are_matched_with_whom_we_know(tmp_path: Path) -> None:
    hashes = [hashlib.sha256(b"robin@acme.example").hexdigest(), hashlib.md5(b"kim@acme.example").hexdigest(), "0" * 64]
    found = read(tmp_path, "email_sha256\n" + "\n".join(hashes) + "\n", ("robin@acme.example", "kim@acme.example"))
    assert (found.matched, found.unmatched, found.bad_lines) == (2, 1, [])
    assert reasons(found, "robin@acme.example", "kim@acme.example") == [True, True]


def test_line_that_names_nobody_is_told(tmp_path: Path) -> None:
    assert read(tmp_path, "email\nRobin Weaver\nrobin@acme.example\n").bad_lines == [2]


def test_no_person_gets_into_a_reason(tmp_path: Path) -> None:
    found = read(tmp_path, "email,reason\nrobin@acme.example,robin@acme.example asked\nkim@acme.example,Unsubscribed\n")
    assert [entry.reason for entry in found.entries] == ["imported", "imported: unsubscribed", "marks the key"]


def test_export_comes_back_with_the_same_key_and_with_no_other(db: Database, tmp_path: Path) -> None:
    with transaction(db) as connection:
        store.suppress(connection, ADDRESS, "robin@acme.example", "opted out", KEY, NOW)
        store.suppress(connection, ADDRESS, "gone@acme.example", "opted out", KEY, NOW)
    path = tmp_path / "export.csv"
    assert write_list(path, to_records(store.list_suppressions(db)), [(ADDRESS, "robin@acme.example")], KEY) == 1
    assert "robin@acme.example" in path.read_text(encoding="utf-8-sig")
    assert "gone" not in path.read_text(encoding="utf-8-sig")
    assert reasons(read_list(path, KEY, ()), "robin@acme.example", "gone@acme.example") == [True, True]
    with pytest.raises(UnreadableFile, match="made with another"):
        read_list(path, OTHER_KEY, ())


def test_suppressing_stops_everybody_of_a_domain_and_says_so_once(db: Database) -> None:
    add_contact(db, 1, work_email="robin@acme.example")
    add_contact(db, 2, work_email="kim@mail.acme.example")
    add_contact(db, 3, work_email="lee@other.example")
    with transaction(db) as connection:
        done = store.suppress(connection, "domain", "https://www.acme.example/", "competitor", KEY, NOW)
        again = store.suppress(connection, "domain", "acme.example", "competitor", KEY, NOW)
    assert (done.is_new, done.contact_ids, again.is_new) == (True, (1, 2), False)
    assert db.table("outreach_stops").count == 2


def test_value_that_names_nobody_is_refused() -> None:
    for value in ("Robin Weaver", "robin@", ""):
        with pytest.raises(BadValue):
            name_value(value)
