import pandas as pd
import pytest

from liendea_assets.imports.linkedin_activity import join_activity
from liendea_assets.imports.linkedin_people import find_rows

Person = tuple[str | None, str | None]

# Two rows without a profile, as until 2023; a profile listed twice; two namesakes, one of them without a profile.
CONNECTIONS = pd.DataFrame(
    [
        (1, None, "robin weaver", "acme"),
        (2, None, "kim moss", "acme"),
        (3, "ann", "ann lee", "acme"),
        (4, "ann", "ann lee", "beta"),
        (5, "bo-1", "bo day", "acme"),
        (6, "bo-2", "bo day", "beta"),
        (7, None, "cy ray", "acme"),
        (8, None, "cy ray", "beta"),
    ],
    columns=["row_number", "linkedin_id", "name", "company"],
    dtype=object,
)


def rows_of(*people: Person) -> list[int | None]:
    frame = pd.DataFrame(people, columns=["linkedin_id", "name"], dtype=object)
    return [None if pd.isna(row) else int(row) for row in find_rows(frame, CONNECTIONS)]


@pytest.mark.parametrize(
    ("person", "row"),
    [
        (("ann", None), 3),
        ((None, "ann lee"), 3),
        ((None, "robin weaver"), 1),
        (("robin-x", "robin weaver"), 1),
        (("ann-2", "ann lee"), None),
        ((None, "bo day"), None),
        ((None, "cy ray"), None),
        (("nobody", None), None),
        ((None, "no body"), None),
    ],
    ids=["profile", "name", "name alone", "profile not listed", "other profile", "two profiles", "two rows", "stranger", "strange name"],
)
def test_a_person_is_a_row_by_profile_else_by_a_name_that_is_unique(person: Person, row: int | None) -> None:
    assert rows_of(person) == [row]


def test_two_profiles_of_one_name_are_not_both_the_row_without_a_profile() -> None:
    assert rows_of(("robin-1", "robin weaver"), ("robin-2", "robin weaver"), ("kim", "kim moss")) == [None, None, 2]


def test_name_and_company_tell_namesakes_apart() -> None:
    people = pd.DataFrame([(None, "bo day", "beta"), (None, "bo day", "gamma")], columns=["linkedin_id", "name", "company"], dtype=object)

    assert find_rows(people, CONNECTIONS).isna().tolist() == [False, True]


def test_all_files_that_tell_of_a_person_make_one_row_and_no_name_stays() -> None:
    messages = pd.DataFrame(
        [("ann", "ann lee", 2.0, 0.5, "2026-01-01", "2026-02-01", None)],
        columns=["linkedin_id", "name", "sent", "received", "first_sent_on", "last_sent_on", "last_received_on"],
    )
    invitations = pd.DataFrame(
        [(None, "ann lee", "contact", "2020-01-01"), (None, "no body", "owner", None)],
        columns=["linkedin_id", "name", "invited_by", "invited_on"],
        dtype=object,
    )
    endorsements = pd.DataFrame([("ann", None, 3)], columns=["linkedin_id", "name", "endorsements_received"], dtype=object)

    (row,) = join_activity(messages, [invitations, endorsements], CONNECTIONS).to_dict("records")

    assert row == {
        "linkedin_id": "ann",
        "row_number": 3,
        "sent": 2.0,
        "received": 0.5,
        "first_sent_on": "2026-01-01",
        "last_sent_on": "2026-02-01",
        "last_received_on": None,
        "invited_by": "contact",
        "invited_on": "2020-01-01",
        "endorsements_given": 0,
        "endorsements_received": 3,
        "recommendations_given": 0,
        "recommendations_received": 0,
    }


def test_where_the_messages_are_not_known_their_counts_are_missing_and_not_0() -> None:
    endorsements = pd.DataFrame([("ann", None, 3)], columns=["linkedin_id", "name", "endorsements_given"], dtype=object)

    (row,) = join_activity(None, [endorsements], CONNECTIONS).to_dict("records")

    assert (row["sent"], row["received"], row["endorsements_given"]) == (None, None, 3)
