import pandas as pd
import pytest

from liendea_assets.imports.linkedin_messages import COLUMNS, count_messages, find_owner_id

URL = "https://www.linkedin.com/in/"
NAMES = {"alex": "Alex Morgan", "robin": "Robin Weaver, PhD", "ann": "Ann Lee", "eve": "Eve Stone"}


def message(
    sender: str, *recipients: str, day: str = "2026-01-02", folder: str = "INBOX", draft: str = "No", **changed: str
) -> dict[str, str]:
    """A record of messages.csv by folded column name."""
    return {
        "conversation id": "c1",
        "from": NAMES.get(sender.lower(), ""),
        "sender profile url": URL + sender if sender else "",
        "to": ",".join(NAMES.get(name.lower(), "") for name in recipients),
        "recipient profile urls": ",".join(URL + name for name in recipients),
        "date": f"{day} 10:00:00 UTC",
        "folder": folder,
        "is message draft": draft,
        **changed,
    }


def table(*messages: dict[str, str], without: str = "") -> pd.DataFrame:
    frame = pd.DataFrame(list(messages), dtype=object, columns=[name for name in COLUMNS if name not in (without, "is conversation draft")])
    return frame.fillna("").astype("category")


def counts(*messages: dict[str, str], without: str = "") -> dict[str | None, tuple[float, float, str | None]]:
    people = count_messages(table(*messages, without=without), "alex", "Alex Morgan")
    return {
        (slug if isinstance(slug, str) else name): (sent, received, last if isinstance(last, str) else None)
        for slug, name, sent, received, last in people[["linkedin_id", "name", "sent", "received", "last_received_on"]].itertuples(
            index=False
        )
    }


def test_messages_count_per_person_and_direction() -> None:
    assert counts(
        message("alex", "robin"),
        message("robin", "alex", day="2026-03-01"),
        message("robin", "alex", day="2026-02-01"),
        message("alex", "ann"),
        message("ALEX", "Ann"),
    ) == {"robin": (1, 2, "2026-03-01"), "ann": (2, 0, None)}


def test_the_days_of_the_first_and_the_last_message_sent_are_kept() -> None:
    people = count_messages(table(*(message("alex", "robin", day=day) for day in ("2026-02-01", "2024-05-06", "2025-01-01"))), "alex")

    assert people[["first_sent_on", "last_sent_on"]].to_numpy().tolist() == [["2024-05-06", "2026-02-01"]]


def test_a_message_in_a_group_counts_divided_by_its_participants() -> None:
    assert counts(message("alex", "robin", "ann"), message("robin", "alex", "ann", day="2026-03-01")) == {
        "robin": (0.5, 0.5, "2026-03-01"),
        "ann": (0.5, 0, None),
    }


@pytest.mark.parametrize(
    "dropped",
    [
        message("alex", "robin", draft="Yes"),
        message("alex", "robin", draft="true"),
        message("robin", "alex", folder="SPAM"),
        message("", "alex"),
        message("robin", "ann"),
        message("robin"),
        {},
    ],
    ids=["draft", "true draft", "spam", "sponsored", "strangers", "no recipient", "blank"],
)
def test_what_is_no_message_between_the_owner_and_a_person_does_not_count(dropped: dict[str, str]) -> None:
    assert counts(dropped) == {}


@pytest.mark.parametrize("day", ["8/20/2026 ", "20.08.2026", "", "2026-02-30"])
def test_a_date_in_another_form_leaves_the_message_without_a_date(day: str) -> None:
    assert counts(message("robin", "alex", day=day)) == {"robin": (0, 1, None)}
    assert counts(message("robin", "alex", day=day), message("robin", "alex")) == {"robin": (0, 2, "2026-01-02")}


OLD = "recipient profile urls"


def test_without_addresses_of_recipients_who_wrote_in_the_conversation_is_meant() -> None:
    assert counts(message("alex", "robin"), message("robin", "alex"), without=OLD) == {"robin": (1, 1, "2026-01-02")}


def test_without_addresses_of_recipients_a_group_still_counts_divided() -> None:
    found = counts(message("alex", "ann", "eve"), message("ann", "alex", "eve"), message("eve", "alex"), without=OLD)

    assert found == {"ann": (0.5, 0.5, "2026-01-02"), "eve": (0.5, 1, "2026-01-02")}


def test_without_addresses_of_recipients_who_never_wrote_is_known_by_name() -> None:
    assert counts(message("alex", "ann"), without=OLD) == {"ann lee": (1, 0, None)}


def test_without_addresses_of_recipients_a_name_of_two_writers_is_neither() -> None:
    twins = [message(slug, "alex", **{"from": "Sam Bell", "conversation id": slug}) for slug in ("sam-1", "sam-2")]

    found = counts(*twins, message("alex", "x", to="Sam Bell", **{"conversation id": "c3"}), without=OLD)

    assert found == {"sam-1": (0, 1, "2026-01-02"), "sam-2": (0, 1, "2026-01-02"), "sam bell": (1, 0, None)}


def test_an_export_with_a_header_alone_has_no_messages() -> None:
    assert count_messages(table(), "alex").empty
    assert count_messages(table(without=OLD), "alex").empty


INVITATIONS = pd.DataFrame(
    {
        "direction": ["INCOMING", "OUTGOING"],
        "inviterprofileurl": [URL + "robin", URL + "alex"],
        "inviteeprofileurl": [URL + "alex", URL + "ann"],
    }
).astype("category")


@pytest.mark.parametrize("rows", [[0, 1], [0], [1]])
def test_whose_side_of_the_invitations_it_is_owns_the_export(rows: list[int]) -> None:
    assert find_owner_id(table(message("other", "x", **{"from": "Alex Morgan"})), INVITATIONS.iloc[rows], "Alex Morgan") == "alex"


def test_without_invitations_the_sender_of_the_owners_name_owns_the_export() -> None:
    messages = table(
        message("robin", "alex"),
        message("alex-old", "robin", **{"from": "Alex Morgan"}),
        message("alex", "robin", **{"from": "ALEX MORGAN"}),
        message("alex", "ann"),
    )

    assert find_owner_id(messages, None, "Alex Morgan") == "alex"


@pytest.mark.parametrize("owner", [None, "", "Some Body"])
def test_nobody_is_taken_for_the_owner_without_a_sign(owner: str | None) -> None:
    assert find_owner_id(table(message("alex", "robin"), message("x", "y")), None, owner) is None
    assert find_owner_id(None, None, owner) is None
