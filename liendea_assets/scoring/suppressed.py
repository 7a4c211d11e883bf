"""Who of the contacts is suppressed: they are neither scored nor targeted."""

from pathlib import Path

import pandas as pd

from liendea_assets.core.keyed_hash import load_key
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.enrichment.merge import PROFILE_URL
from liendea_assets.scoring import suppressed_store as store
from liendea_assets.scoring.suppression_list import SuppressionList

# Of more contacts than these, looking at everybody costs less than looking them up.
MOST_LOOKED_UP = 50_000


def exclude_suppressed(db: Database, key_path: Path) -> int:
    """Brings suppressed_contacts up to the suppressions and the contacts. Returns how many contacts came or went.

    Nobody goes unless an entry was lifted: whose suppressed address was replaced by another one has objected all the same.
    Who comes leaves scores and targets with the same commit; who goes is due to be scored. Everybody is looked at after a change of
    the suppressions, else those of whom another address or profile became known. Called by whoever adds suppressions, too.

    Args:
        key_path: data/secret.key, which is read where there are suppressions.

    Raises:
        SettingsError: the suppressions were made with another key.
    """
    with exclusive(db, "suppressed_contacts"):
        entries, compared = store.read_versions(db)
        last_due, due = store.read_due(db)
        if entries == compared and not due:
            return 0
        ids = due if entries == compared and len(due) <= MOST_LOOKED_UP else None
        listed = store.read_suppressions(db)
        found = find_suppressed(db, SuppressionList(load_key(key_path) if listed else b"", listed), ids)
        former = store.read_suppressed(db)
        looked_at = set(former) if ids is None else set(former) & set(ids)
        came = {contact_id: reason for contact_id, reason in found.items() if former.get(contact_id) != reason}
        gone = sorted(looked_at - set(found)) if _was_lifted(compared, entries) else []
        store.update_suppressed(db, came, gone, entries, last_due)
        return len(came) + len(gone)


def find_suppressed(db: Database, suppressed: SuppressionList, ids: list[int] | None = None) -> dict[int, str]:
    """Contact id → why nobody may write to that person, by every address and profile that any source ever gave for them.

    Whoever opted out as robin@old.example must not be written to as robin@new.example.

    Args:
        ids: these contacts only.
    """
    keys = store.read_keys(db, ids).astype(object)
    urls = keys["linkedin_url"].where(keys["linkedin_url"].notna(), PROFILE_URL + keys["linkedin_id"])
    return suppressed.find(pd.DataFrame({"contact_id": keys["contact_id"], "work_email": keys["work_email"], "linkedin_url": urls}))


def _was_lifted(compared: str, entries: str) -> bool:
    """Whether an entry went between two versions: fewer were added than numbers were given, or the last number is another one's."""
    (former_count, former_last), (count, last) = ([int(part) for part in (version or "0 0").split()] for version in (compared, entries))
    return count - former_count < last - former_last or last < former_last
