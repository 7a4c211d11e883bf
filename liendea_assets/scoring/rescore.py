"""Bringing icp_scores up to the data and the config: whoever is concerned is scored, and only what differs is written."""

import json
import sqlite3
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liendea_assets.core.settings import config_version
from liendea_assets.db.connection import Database, transaction
from liendea_assets.scoring import store
from liendea_assets.scoring.changes import ConfigDifference, explain_rows
from liendea_assets.scoring.fields import FIELDS
from liendea_assets.scoring.parts import Integers, explain
from liendea_assets.scoring.plan import profile_of
from liendea_assets.scoring.score import Scored, evaluate
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.versions import rules_version

# Above this share of contacts, reading everybody costs less than looking them up.
MOST_LOOKED_UP = 0.2

# the numbers of a part's outcomes, and per row the position of its own one, -1 for none
Placed = tuple[Integers, Integers]


@dataclass(frozen=True, slots=True)
class Rescored:
    """What a rescoring did.

    Attributes:
        scored: contacts that were looked at. written: rows that differ, and were written. first: contacts never scored before.
        unequal: stored scores that are not the sum of the points of their stored parts; where there is one, nothing was kept.
        outside: scores outside 0–100; likewise.
    """

    scored: int
    written: int
    first: int
    unequal: int
    outside: int


class _WrongScoresError(Exception):
    """Ends the transaction; carries what was found."""

    def __init__(self, found: Rescored) -> None:
        super().__init__()
        self.found = found


def rescore(db: Database, settings: ScoringSettings, now: str) -> Rescored:
    """Scores everybody where the config or the rules changed, else whose inputs changed since they were scored."""
    last, rules, version = store.read_last_run(db), rules_version(), config_version(settings)
    last_due, changes = store.read_due(db)
    is_same = last is not None and (last.config_version, last.rules_version) == (version, rules)
    ids = _concerned(db, settings, last_due, changes) if is_same else None
    contacts = store.read_contacts(db, ids, columns_of(settings))
    scored = evaluate(contacts, settings)
    former = store.read_rows(db, ids)
    difference = difference_since(last, settings)
    try:
        with transaction(db) as connection:
            rows, contents, numbers = _in_parts(connection, scored)
            written, first, gone = _differing(former, rows)
            if len(written) or len(gone) or not is_same:
                content = json.dumps(settings.model_dump(mode="json"), ensure_ascii=False)
                run_id = store.insert_run(connection, version, content, rules, now, first, len(written) + len(gone))
                store.write_rows(connection, rows.loc[written].assign(run_id=run_id), gone)
                changed = _changes(connection, former, rows.loc[written], contents, difference)
                old_version = last.config_version if last else None
                store.write_changes(connection, changed.assign(old_config_version=old_version, config_version=version, changed_at=now))
                if ids is None:
                    store.drop_unused_parts(connection, list(contents))
            store.forget_due(connection, last_due)
            unequal = count_unequal(connection, rows, numbers)
            outside = int((~rows["icp_score"].between(0, 100)).sum())
            found = Rescored(len(rows), len(written), first, unequal, outside)
            if found.unequal or found.outside:
                raise _WrongScoresError(found)
    except _WrongScoresError as wrong:
        return wrong.found
    return found


def difference_since(last: store.LastRun | None, settings: ScoringSettings) -> ConfigDifference:
    """What is different between the last run and one with these settings, apart from the data."""
    rules = rules_version()
    if last is not None and (last.config_version, last.rules_version) == (config_version(settings), rules):
        return ConfigDifference([], False, ConfigDifference.between(last.content, settings).keys_of)
    has_other_rules = last is not None and last.rules_version not in ("", rules)
    return ConfigDifference.between(last.content if last else None, settings, has_other_rules=has_other_rules)


def _concerned(db: Database, settings: ScoringSettings, last_due: int, changes: int) -> list[int] | None:
    """Whom to score; None is everybody."""
    everybody = store.summarize(db, 0)["contacts"]
    if changes > MOST_LOOKED_UP * max(everybody, 1):
        return None
    fields = profile_of(settings).fields()
    return store.read_due_contacts(db, last_due, with_companies="account_contacts" in fields or "account_strength" in fields)


def columns_of(settings: ScoringSettings) -> list[str]:
    """What has to be read for these settings."""
    fields = [*profile_of(settings).fields(), *(disqualifier.field for disqualifier in settings.disqualifiers)]
    fields += [condition.field for segment in settings.segments for condition in segment.when] if "gtm_segment" in fields else []
    needs_company = any(field.startswith("account_") for field in fields)
    return [*dict.fromkeys(FIELDS[field].column for field in fields), *(["company_id"] if needs_company else []), "sources"]


def _in_parts(connection: sqlite3.Connection, scored: Scored) -> tuple[pd.DataFrame, dict[int, tuple[str, int]], list[Placed]]:
    """The rows as they are stored, by contact; the parts in them: number → content and points; numbers and positions per part."""
    explained = [explain(part) for part in scored.parts]
    contents = [content for part in explained for content in part.contents]
    points = [int(given) for part in explained for given in part.points]
    reasons = [reason for part in explained for reason in part.reasons]
    keys = [key for part in explained for key in part.keys]
    numbers = store.number_parts(connection, contents, points, reasons, keys)
    order = np.argsort(scored.frame["contact_id"].to_numpy(), kind="stable")
    columns, part_numbers = [], []
    for part in explained:
        own = [numbers[content] for content in part.contents]
        codes = part.codes[order]
        columns.append(pc.take(pa.array(map(str, own), type=pa.string()), pa.array(codes, mask=codes < 0)))
        part_numbers.append((np.array(own, dtype=np.int64), codes))
    joined = pc.binary_join_element_wise(*columns, pa.scalar(","), null_handling="skip")
    bracketed = pc.binary_join_element_wise(pa.scalar("["), joined, pa.scalar("]"), pa.scalar(""))
    # inserting in the order of the key
    frame = scored.frame.iloc[order].reset_index(drop=True) if (np.diff(order) != 1).any() else scored.frame
    frame["part_ids"] = np.array(bracketed.to_pylist(), dtype=object)
    told = [json.dumps(sources, sort_keys=True) for sources in scored.sources.told]
    source_ids = store.number_sources(connection, told)
    frame["source_id"] = np.array([source_ids[text] for text in told], dtype=np.int64)[scored.sources.codes[order]]
    frame["coverage_points"] = (frame["coverage"] * 10_000).round().astype(np.int64)
    return frame, {numbers[content]: (content, given) for content, given in zip(contents, points, strict=True)}, part_numbers


def _differing(former: pd.DataFrame, rows: pd.DataFrame) -> tuple[Integers, int, list[int]]:
    """Positions of rows to write, how many of them are new, and contacts that are gone."""
    place = positions(former, rows)
    is_new = place < 0
    differs = is_new.copy()
    if len(former):
        for name in (*store.ROW_NUMBERS, "part_ids"):
            differs |= former[name].to_numpy()[place] != rows[name].to_numpy()
        if former["disqualified_by"].cat.categories.size > 1 or rows["disqualified_by"].notna().any():
            old = former["disqualified_by"].astype(object).to_numpy()[place]
            differs |= old != rows["disqualified_by"].fillna("").to_numpy()
    gone = former["contact_id"][positions(rows, former) < 0]
    return np.flatnonzero(differs), int(is_new.sum()), gone.tolist()


def positions(former: pd.DataFrame, rows: pd.DataFrame) -> Integers:
    """Per row the position of the contact's former one, -1 where there is none; both are in order of contact."""
    old, new = former["contact_id"].to_numpy(), rows["contact_id"].to_numpy()
    if not len(old):
        return np.full(len(new), -1, dtype=np.int64)
    place = np.searchsorted(old, new).clip(max=len(old) - 1)
    return np.where(old[place] == new, place, -1)


def _changes(
    connection: sqlite3.Connection,
    former: pd.DataFrame,
    written: pd.DataFrame,
    contents: dict[int, tuple[str, int]],
    difference: ConfigDifference,
) -> pd.DataFrame:
    """The changes of scores with their causes."""
    columns = ["contact_id", "icp_score", "part_ids"]
    place = positions(former, written)
    is_other = (place >= 0) & (former["icp_score"].to_numpy()[place] != written["icp_score"].to_numpy()) if len(former) else place >= 0
    old, new = former[columns].iloc[place[is_other]], written.loc[is_other, columns]
    (old_rows, old_ids), (new_rows, new_ids) = part_pairs(old["part_ids"]), part_pairs(new["part_ids"])
    numbers = np.unique(np.concatenate([old_ids, new_ids]))
    missing = [int(number) for number in numbers if int(number) not in contents]
    known = contents | store.read_parts(connection, missing)
    told = [json.loads(known[int(number)][0]) for number in numbers]
    sides = [(rows, np.searchsorted(numbers, ids)) for rows, ids in ((old_rows, old_ids), (new_rows, new_ids))]
    causes, details = explain_rows(len(new), sides[0], sides[1], told, difference)
    return pd.DataFrame(
        {
            "contact_id": new["contact_id"].to_numpy(),
            "old": old["icp_score"].to_numpy(),
            "new": new["icp_score"].to_numpy(),
            "cause": np.array(causes, dtype=object),
            "detail": np.array(details, dtype=object),
        }
    )


def part_pairs(part_ids: pd.Series) -> tuple[Integers, Integers]:
    """(row, part number) of lists such as `[3,17]`."""
    texts = part_ids.tolist()
    counts = [text.count(",") + 1 for text in texts]
    ids = np.fromstring(",".join(text[1:-1] for text in texts), dtype=np.int64, sep=",")
    return np.repeat(np.arange(len(texts)), counts), ids


def count_unequal(connection: sqlite3.Connection, rows: pd.DataFrame, numbers: list[Placed]) -> int:
    """How many scores are not the sum of the points in the JSON of their parts, as it stands in the database.

    Args:
        numbers: one for each part.
    """
    total = np.zeros(len(rows), dtype=np.int64)
    for outcomes, codes in numbers:
        stored = store.read_parts(connection, outcomes.tolist())
        # a part that is not there would be a sum that no score has
        points = [int(json.loads(stored[number][0])["points"]) if number in stored else 10**6 for number in outcomes.tolist()]
        total += np.array([*points, 0], dtype=np.int64)[codes]
    return int((total != rows["icp_score"].to_numpy()).sum())
