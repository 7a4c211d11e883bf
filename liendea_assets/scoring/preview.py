"""What a scoring config would do to the scores, targets and accounts that stand, one by one. Nothing is written.

It goes the way of `rescore`, with the same functions, so that a run with the same config and data gives what is told here.
"""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liendea_assets.core.settings import config_version
from liendea_assets.db.connection import Database
from liendea_assets.scoring import preview_store, store
from liendea_assets.scoring.account_preview import preview_accounts
from liendea_assets.scoring.changes import ConfigDifference, explain_rows
from liendea_assets.scoring.parts import Integers, explain
from liendea_assets.scoring.preview_store import Standing
from liendea_assets.scoring.rescore import columns_of, difference_since, part_pairs, positions
from liendea_assets.scoring.score import Scored, evaluate
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.targets import select_targets

# in tiers: rows of those who have no score yet, and the column of those who lose theirs
NOT_SCORED, GONE = "not scored", "gone"
PRIORITIES = range(1, 6)


@dataclass(frozen=True, slots=True)
class ScoringPreview:
    """What would be another one.

    Attributes:
        old_version, new_version: of the config; the old one None where nobody was ever scored.
        keys: of icp_scoring.yaml that differ; None where the former config was not kept.
        contacts: how many are scored.
        people: whose score, priority or place among the targets differs, in order of contact: `contact_id`, `old`, `new` (Int64; missing
            for who was not scored, or has no score any more), `old_priority`, `new_priority` (likewise), `was_target`, `is_target`,
            `cause` (first, data, config, both, gone; missing where the score is the same), `detail` (JSON as in icp_score_changes).
        tiers: contacts by priority: `from`, then a column for each of `PRIORITIES`, and `GONE` where there are such.
        messages: of those who would leave the targets, as `preview_store.read_messages`.
        accounts: those that would be other ones, as `account_preview.preview_accounts`.
    """

    old_version: str | None
    new_version: str
    keys: list[str] | None
    contacts: int
    people: pd.DataFrame
    tiers: pd.DataFrame
    messages: pd.DataFrame
    accounts: pd.DataFrame

    def changed(self) -> pd.DataFrame:
        """Those whose score differs."""
        return self.people[self.people["cause"].isin(["data", "config", "both"])]

    def entering(self) -> pd.DataFrame:
        """Those who would become targets, the best first."""
        found = self.people[self.people["is_target"] & ~self.people["was_target"]]
        return found.sort_values(["new", "contact_id"], ascending=[False, True])

    def leaving(self) -> pd.DataFrame:
        """Those who would be targets no more, the best until now first."""
        found = self.people[self.people["was_target"] & ~self.people["is_target"]]
        return found.sort_values(["old", "contact_id"], ascending=[False, True])

    def by_cause(self) -> dict[str, int]:
        """Cause → contacts."""
        return {str(cause): int(count) for cause, count in self.people["cause"].value_counts().sort_index().items()}

    def by_key(self) -> pd.DataFrame:
        """`what` (a key of icp_scoring.yaml, or a field of the data), `contacts`, `up`, `down`: whose score it changes; the most first."""
        changed = self.changed()
        counts: dict[str, list[int]] = {}
        is_up = (changed["new"] > changed["old"]).astype(bool)
        for place, details in enumerate((changed.loc[is_up, "detail"], changed.loc[~is_up, "detail"])):
            for detail, count in details.value_counts().items():
                for name in _named(str(detail)):
                    counts.setdefault(name, [0, 0])[place] += int(count)
        rows = sorted(((name, up + down, up, down) for name, (up, down) in counts.items()), key=lambda row: (-row[1], row[0]))
        return pd.DataFrame(rows, columns=["what", "contacts", "up", "down"])


def preview_config(db: Database, settings: ScoringSettings) -> ScoringPreview:
    """Scores everybody by these settings, and compares with what stands."""
    standing = preview_store.read_standing(db)
    difference = difference_since(standing.last, settings)
    contacts = store.read_contacts(db, None, columns_of(settings))
    scored = evaluate(contacts, settings)
    people, tiers = compare(scored, standing, settings, difference)
    leaving = people.loc[people["was_target"] & ~people["is_target"], "contact_id"]
    return ScoringPreview(
        old_version=standing.last.config_version if standing.last else None,
        new_version=config_version(settings),
        keys=list(difference.keys) if difference.keys is not None else None,
        contacts=len(contacts),
        people=people,
        tiers=tiers,
        messages=preview_store.read_messages(db, leaving.tolist()),
        accounts=preview_accounts(db, scored.frame, settings),
    )


def compare(
    scored: Scored, standing: Standing, settings: ScoringSettings, difference: ConfigDifference
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`ScoringPreview.people` and `.tiers`."""
    order = np.argsort(scored.frame["contact_id"].to_numpy(), kind="stable")
    new = scored.frame[["contact_id", "icp_score", "priority"]].iloc[order].reset_index(drop=True)
    old = standing.rows
    place = positions(old, new)
    people = pd.DataFrame({"contact_id": new["contact_id"]})
    for name, column in (("old", "icp_score"), ("old_priority", "priority")):
        known = old[column].to_numpy()[place] if len(old) else np.zeros(len(new), dtype=np.int64)
        people[name] = pd.Series(known, dtype="Int64").mask(place < 0)
    people["new"], people["new_priority"] = new["icp_score"].astype("Int64"), new["priority"].astype("Int64")
    targets = select_targets(new.assign(reasons=""), standing.people, settings.minimum_score)["contact_id"]
    people["was_target"], people["is_target"] = people["contact_id"].isin(standing.targets), people["contact_id"].isin(set(targets))
    people["cause"], people["detail"] = pd.Series(None, index=people.index, dtype=object), pd.Series(None, index=people.index, dtype=object)
    is_other = (people["old"] != people["new"]).fillna(value=False).to_numpy(dtype=bool)
    causes, details = _explain(scored, order[is_other], old.iloc[place[is_other]]["part_ids"], standing.parts, difference)
    people.loc[is_other, "cause"], people.loc[is_other, "detail"] = causes, details
    people.loc[place < 0, "cause"] = "first"
    people = pd.concat([people, _gone(old, new, standing)], ignore_index=True).sort_values("contact_id", ignore_index=True)
    is_moved = (people["old_priority"] != people["new_priority"]).fillna(True)
    differs = people["cause"].notna() | is_moved | (people["was_target"] != people["is_target"])
    columns = ["contact_id", "old", "new", "old_priority", "new_priority", "was_target", "is_target", "cause", "detail"]
    return people.loc[differs, columns].reset_index(drop=True), _tiers(people)


def _gone(old: pd.DataFrame, new: pd.DataFrame, standing: Standing) -> pd.DataFrame:
    """Those who have a score and are no contacts any more: the next run deletes it."""
    gone = old[positions(new, old) < 0]
    missing = pd.Series(pd.NA, index=gone.index, dtype="Int64")
    return pd.DataFrame(
        {
            "contact_id": gone["contact_id"],
            "old": gone["icp_score"].astype("Int64"),
            "old_priority": gone["priority"].astype("Int64"),
            "new": missing,
            "new_priority": missing,
            "was_target": gone["contact_id"].isin(standing.targets),
            "is_target": False,
            "cause": pd.Series("gone", index=gone.index, dtype=object),
            "detail": pd.Series(None, index=gone.index, dtype=object),
        }
    )


def _explain(
    scored: Scored, rows: Integers, old_parts: pd.Series, known: dict[int, str], difference: ConfigDifference
) -> tuple[list[str], list[str]]:
    """Causes and details of these rows of what is scored, with the numbers of their former parts."""
    if not len(rows):
        return [], []
    texts: dict[str, int] = {}
    found_rows, found_parts = [], []
    for part in map(explain, scored.parts):
        own = np.array([texts.setdefault(content, len(texts)) for content in part.contents], dtype=np.int64)
        codes = part.codes[rows]
        has_part = np.flatnonzero(codes >= 0)
        found_rows.append(has_part)
        found_parts.append(own[codes[has_part]])
    new_rows, new_parts = np.concatenate(found_rows), np.concatenate(found_parts)
    # row by row, as the run goes, so that the parts of a change stand in the same order
    by_row = np.argsort(new_rows, kind="stable")
    old_rows, numbers = part_pairs(old_parts)
    distinct, place = np.unique(numbers, return_inverse=True)
    old_ids = np.array([texts.setdefault(known[number], len(texts)) for number in distinct.tolist()], dtype=np.int64)[place]
    contents = [json.loads(text) for text in texts]
    return explain_rows(len(rows), (old_rows, old_ids), (new_rows[by_row], new_parts[by_row]), contents, difference)


def _tiers(people: pd.DataFrame) -> pd.DataFrame:
    before, after = (people[name].fillna(0).to_numpy(dtype=np.int64) for name in ("old_priority", "new_priority"))
    counts = np.zeros((1 + len(PRIORITIES), 1 + len(PRIORITIES)), dtype=np.int64)
    np.add.at(counts, (before, after), 1)
    rows = [*PRIORITIES, *([0] if counts[0].any() else [])]
    columns = [*PRIORITIES, *([0] if counts[:, 0].any() else [])]
    table = pd.DataFrame({str(column) if column else GONE: counts[rows, column] for column in columns})
    table.insert(0, "from", [str(row) if row else NOT_SCORED for row in rows])
    return table


def _named(detail: str) -> list[str]:
    """The keys and fields that a change is due to, each once."""
    names: dict[str, None] = {}
    for piece in json.loads(detail):
        names |= dict.fromkeys(piece["keys"])
        names |= {f"data: {piece['field'] or piece['part']}": None} if "data" in piece["cause"] else {}
    return list(names)
