import pytest

from liendea_assets.imports.linkedin_messages import count_messages, find_owner_id

HEADER = ["FROM", "SENDER PROFILE URL", "RECIPIENT PROFILE URLS", "DATE", "FOLDER", "IS MESSAGE DRAFT"]
URL = "https://www.linkedin.com/in/"


def message(sender: str, *recipients: str, day: str = "2026-01-02", folder: str = "INBOX", draft: str = "No", name: str = "") -> list[str]:
    urls = ",".join(URL + recipient for recipient in recipients)
    return [name, URL + sender if sender else "", urls, f"{day} 10:00:00 UTC", folder, draft]


def counts(*messages: list[str]) -> dict[str, tuple[int, int, str | None]]:
    frame = count_messages([HEADER, *messages], "alex")
    return {row.linkedin_id: (row.sent, row.received, row.last_received_on) for row in frame.itertuples()}  # type: ignore[misc]


def test_messages_count_per_person_and_direction() -> None:
    assert counts(
        message("alex", "robin"),
        message("robin", "alex", day="2026-03-01"),
        message("robin", "alex", day="2026-02-01"),
        message("alex", "ann"),
        message("ALEX", "Ann"),
    ) == {"robin": (1, 2, "2026-03-01"), "ann": (2, 0, None)}


@pytest.mark.parametrize(
    "dropped",
    [
        message("alex", "robin", draft="Yes"),
        message("alex", "robin", draft="true"),
        message("robin", "alex", folder="SPAM"),
        message("", "alex"),
        message("robin"),
        message("alex", "robin", "ann"),
        message("robin", "alex", "ann"),
        message("robin", "ann"),
        ["", "", ""],
        [],
    ],
    ids=["draft", "true draft", "spam", "sponsored", "no recipient", "own group", "others group", "strangers", "short", "blank"],
)
def test_what_is_no_direct_message_does_not_count(dropped: list[str]) -> None:
    assert counts(dropped) == {}


@pytest.mark.parametrize("day", ["8/20/2026 ", "20.08.2026", "", "2026-02-30"])
def test_a_date_in_another_form_leaves_the_message_without_a_date(day: str) -> None:
    assert counts(message("robin", "alex", day=day)) == {"robin": (0, 1, None)}
    assert counts(message("robin", "alex", day=day), message("robin", "alex", day="2026-01-02")) == {"robin": (0, 2, "2026-01-02")}


def test_an_export_with_a_header_alone_has_no_activity() -> None:
    assert count_messages([HEADER], "alex").empty
    assert count_messages([], "alex").empty


INVITATIONS = [
    ["From", "To", "Direction", "inviterProfileUrl", "inviteeProfileUrl"],
    ["Robin", "Alex", "INCOMING", URL + "robin", URL + "alex"],
    ["Alex", "Ann", "OUTGOING", URL + "alex", URL + "ann"],
]


def test_who_sends_invitations_owns_the_export() -> None:
    assert find_owner_id([HEADER, message("other", "x", name="Alex Morgan")], INVITATIONS, "Alex Morgan") == "alex"


def test_without_invitations_the_sender_of_the_owners_name_owns_the_export() -> None:
    messages = [
        HEADER,
        message("robin", "alex", name="Robin Weaver"),
        message("alex-old", "robin", name="Alex Morgan"),
        message("alex", "robin", name="ALEX MORGAN"),
        message("alex", "ann", name="Alex Morgan"),
    ]

    assert find_owner_id(messages, INVITATIONS[:2], "Alex Morgan") == "alex"


@pytest.mark.parametrize("owner", [None, "", "Some Body"])
def test_nobody_is_taken_for_the_owner_without_a_sign(owner: str | None) -> None:
    assert find_owner_id([HEADER, message("alex", "robin", name="Alex Morgan"), message("x", "y")], None, owner) is None
    assert find_owner_id(None, None, owner) is None
