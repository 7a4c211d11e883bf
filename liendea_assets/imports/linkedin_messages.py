"""Who wrote to whom how often, from messages.csv. Counts and dates only; the text is never looked at."""

from functools import cache

import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.linkedin_people import name_key, of_distinct, slug
from liendea_assets.imports.values import parse_date

# Folded names; the columns differ by era.
COLUMNS = (
    "conversation id",
    "from",
    "sender profile url",
    "to",
    "recipient profile urls",
    "date",
    "folder",
    "is message draft",
    "is conversation draft",
)
REQUIRED = ("from", "sender profile url", "date")
_DAYS = ("first_sent_on", "last_sent_on", "last_received_on")
PEOPLE = ("linkedin_id", "name", "sent", "received", *_DAYS)


def find_owner_id(messages: pd.DataFrame | None, invitations: pd.DataFrame | None, owner: str | None) -> str | None:
    """The owner's own slug: the one on the owner's side of invitations, else the sender of messages who bears the owner's name."""
    if invitations is not None:
        direction = of_distinct(invitations, "direction", lambda text: text.strip().upper())
        sides = (("OUTGOING", "inviterprofileurl"), ("INCOMING", "inviteeprofileurl"))
        own = pd.concat([of_distinct(invitations, column, slug)[direction == side] for side, column in sides]).dropna()
        if len(own):
            return _most_frequent(own)
    wanted = fold(owner or "")
    if messages is None or not wanted:
        return None
    senders = of_distinct(messages, "sender profile url", slug)[of_distinct(messages, "from", fold) == wanted].dropna()
    return _most_frequent(senders) if len(senders) else None


def count_messages(messages: pd.DataFrame, owner_id: str, owner: str | None = None) -> pd.DataFrame:
    """Messages per person, `PEOPLE`: who it is (slug or name, or both), `sent` by the owner, `received`, days of both.

    A message to several people counts divided by their number. Drafts, spam and sponsored messages (no sender address) do not count.

    Args:
        messages: `COLUMNS` as `linkedin_csv.read_columns` gives them. Without addresses of recipients, as until about 2021, people are
            found by their names among those who wrote in the same conversation, then in any.
        owner: the owner's name.
    """
    rows = pd.DataFrame(
        {
            "conversation": of_distinct(messages, "conversation id", str),
            "sender": of_distinct(messages, "sender profile url", slug),
            "name": of_distinct(messages, "from", name_key),
            "to": of_distinct(messages, "to", str),
            "recipients": of_distinct(messages, "recipient profile urls", str),
            "day": of_distinct(messages, "date", _day).astype("str"),
        }
    )
    rows = rows[~_is_unsent(messages) & rows["sender"].notna()]
    sent, received = rows[rows["sender"] == owner_id], rows[rows["sender"] != owner_id]
    has_addresses = "recipient profile urls" in messages
    own_names = {*sent["name"].dropna(), name_key(owner or "")}
    if has_addresses:
        people = _addressed(rows["recipients"], owner_id)
        letters = _letters(sent, ["recipients", "to"]).merge(people[~people["is_owner"]], on="recipients")
        # the name beside an address is known where there is one of each
        letters["name"] = letters["to"].map(name_key, na_action="ignore").where(letters["others"] == 1, None)
        in_thread = people.drop_duplicates("recipients").set_index("recipients")
        is_mine = received["recipients"].map(people.groupby("recipients")["is_owner"].any()).eq(True)
        received = received[is_mine]
        share = 1 / received["recipients"].map(in_thread["others"]).astype(float).add(1).clip(lower=1)
    else:
        people = _named(rows["to"], own_names)
        letters = _letters(sent, ["conversation", "to"]).merge(people[~people["is_owner"]], on="to")
        letters["linkedin_id"] = _writers(letters, received)
        in_thread = people.drop_duplicates("to").set_index("to")
        share = 1 / (1 + received["to"].map(in_thread["others"]).fillna(0).astype(float))
    letters["sent"] = letters["letters"] / letters["others"]
    replies = pd.DataFrame(
        {"linkedin_id": received["sender"], "name": received["name"], "received": share, "last_received_on": received["day"]}
    )
    return _per_person(letters, replies)


def _addressed(recipients: pd.Series, owner_id: str) -> pd.DataFrame:
    """The people of each distinct list of addresses: `recipients`, `linkedin_id`, `is_owner`, `others` (people but the owner)."""
    lists = pd.Series(recipients.dropna().unique(), dtype=object)
    people = [list(dict.fromkeys(found for url in text.split(",") if (found := slug(url)))) for text in lists]
    frame = pd.DataFrame({"recipients": lists, "linkedin_id": people}).explode("linkedin_id").dropna()
    frame["is_owner"] = (frame["linkedin_id"] == owner_id).astype(bool)
    frame["others"] = (~frame["is_owner"]).groupby(frame["recipients"]).transform("sum")
    return frame


def _named(to: pd.Series, own_names: set[str | None]) -> pd.DataFrame:
    """The people of each distinct list of names: `to`, `name`, `is_owner`, `others`."""
    lists = pd.Series(to.dropna().unique(), dtype=object)
    frame = pd.DataFrame({"to": lists, "name": [_split_names(text) for text in lists]}).explode("name").dropna()
    frame["is_owner"] = frame["name"].isin(own_names).astype(bool)
    frame["others"] = (~frame["is_owner"]).groupby(frame["to"]).transform("sum")
    return frame


def _split_names(text: str) -> list[str]:
    """`Robin Weaver, PhD,Ann Lee` → two names: what has one word after a comma is a credential, and no person."""
    parts = [key for part in text.split(",") if (key := name_key(part)) and " " in key]
    whole = name_key(text)
    return list(dict.fromkeys(parts)) or ([whole] if whole else [])


def _letters(sent: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The owner's messages per list of recipients: how many, first and last day."""
    counted = sent.groupby(by, dropna=False)
    return counted.agg(letters=("sender", "size"), first_sent_on=("day", "min"), last_sent_on=("day", "max")).reset_index()


def _writers(letters: pd.DataFrame, received: pd.DataFrame) -> pd.Series:
    """The slug of each named recipient: who wrote under that name in the conversation, else anywhere, else its only other writer."""
    writers = received[["conversation", "name", "sender"]].drop_duplicates()

    def only(by: list[str]) -> pd.Series:
        known = writers.dropna(subset=by)[[*by, "sender"]].drop_duplicates().astype(object)
        found = letters[by].astype(object).merge(known.drop_duplicates(by, keep=False), on=by, how="left")["sender"]
        return found.set_axis(letters.index).astype(object)

    found = only(["conversation", "name"])
    found = found.where(found.notna(), only(["name"]))
    return found.where(found.notna() | (letters["others"] != 1), only(["conversation"]))


def _per_person(letters: pd.DataFrame, replies: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([letters.reindex(columns=list(PEOPLE)), replies.reindex(columns=list(PEOPLE))], ignore_index=True)
    both = both.astype({"linkedin_id": "str", "name": "str", **dict.fromkeys(_DAYS, "str"), "sent": float, "received": float})
    key = ("in:" + both["linkedin_id"]).fillna("name:" + both["name"])
    people = (
        both[key.notna()]
        .groupby(key[key.notna()], sort=True)
        .agg(
            linkedin_id=("linkedin_id", "first"),
            name=("name", "first"),
            sent=("sent", "sum"),
            received=("received", "sum"),
            first_sent_on=("first_sent_on", "min"),
            last_sent_on=("last_sent_on", "max"),
            last_received_on=("last_received_on", "max"),
        )
    )
    return people.reset_index(drop=True).round({"sent": 4, "received": 4})


def _is_unsent(messages: pd.DataFrame) -> pd.Series:
    def is_yes(text: str) -> bool:
        return text.strip().lower() in ("yes", "true")

    flags = [of_distinct(messages, "folder", lambda text: text.strip().upper() == "SPAM")]
    flags += [of_distinct(messages, column, is_yes) for column in ("is message draft", "is conversation draft")]
    return pd.concat(flags, axis=1).eq(True).any(axis=1)


@cache
def _iso_day(text: str) -> str | None:
    try:
        return parse_date(text, ("%Y-%m-%d",))
    except ValueError:
        return None


def _day(text: str) -> str | None:
    """The day of a message; None where a spreadsheet has rewritten it, or LinkedIn's form of it changed."""
    return _iso_day(text[:10])


def _most_frequent(values: pd.Series) -> str:
    counts = values.value_counts()
    return str(min(counts[counts == counts.max()].index))
