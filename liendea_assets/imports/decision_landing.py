"""Taking in a list of decisions: what its rows say is obeyed by the next materialisation of companies and contacts."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from liendea_assets.db.connection import Database, to_rows, transaction
from liendea_assets.imports import decision_file_store, decision_store
from liendea_assets.imports.contradictions import Claim, RowPair, refused_claims
from liendea_assets.imports.decision_file import Pair, Step, Word, check_decisions, plan, refuse_rows, words_of
from liendea_assets.imports.decision_store import Side
from liendea_assets.imports.inbox import InboxFile
from liendea_assets.imports.model import Landed, SourceFile
from liendea_assets.imports.settings import ImportSettings


def check_file(db: Database | None, source: SourceFile, settings: ImportSettings, name: str = "") -> list[Landed]:
    """What becomes of each row of a list; see `decision_file.check_decisions`. Rows that contradict decisions in force are refused.

    Args:
        db: None where there is none yet, and so nobody to decide about.
        name: the file's, by which its former versions are known; without it each row counts as said for the first time.
    """

    def known_ids(entity: str, ids: Collection[int]) -> Collection[int]:
        return decision_store.find_anchors(db, entity, ids) if db is not None else ()

    landed = check_decisions(source, known_ids, settings.null_values)
    return landed if db is None else _without_contradictions(db, name, source, landed)


def plan_file(db: Database, name: str, landed: Iterable[Landed]) -> list[Step]:
    """What each row that was not refused does, given the former versions of the file and the decisions in force."""
    words = words_of(landed)
    pairs = [word.pair for word in words if word.pair is not None]
    standing = decision_file_store.standing_decisions(db.conn, _sides(db, words), pairs)
    return plan(words, decision_file_store.former_words(db.conn, name), standing)


def land_decisions(db: Database, file: InboxFile, source: SourceFile, landed: Sequence[Landed], now: str) -> bool:
    """Stores what a list says, and makes and takes back the decisions, in one transaction.

    Returns:
        False where another process has read the same content in the meantime; nothing is stored then.
    """
    with transaction(db) as connection:
        file_id = decision_file_store.claim_file(connection, file, now)
        if file_id is None:
            return False
        # once more: a command may have decided something since
        landed = _without_contradictions(db, file.name, source, landed)
        steps = plan_file(db, file.name, landed)
        sides = _sides(db, [step.word for step in steps])
        made: dict[Pair, int | None] = {}
        rows = [_obey(connection, step, sides, made, file.name, now) for step in steps]
        rows += _refused(landed)
        decision_file_store.store_rows(connection, file_id, rows, landed)
        counts, effects = Counter(str(row["verdict"]) for row in rows), Counter(step.effect for step in steps)
        counts["unchanged"] = effects["unchanged"]
        counts["blank"] += sum(part.blank for part in source.parts)
        decision_file_store.record_file(connection, file_id, file, counts, _note(source, effects["taken back"]))
    return True


def _without_contradictions(db: Database, name: str, source: SourceFile, landed: Sequence[Landed]) -> list[Landed]:
    """The same, where rows that cannot be true beside decisions in force, or beside each other, are refused."""
    steps = plan_file(db, name, landed)
    sides = _sides(db, [step.word for step in steps])
    reasons: dict[tuple[str, int], str] = {}
    for entity in sides:
        in_force = {(claim.left, claim.right): claim for claim in decision_store.read_claims(db.conn, entity)}
        proposed, rows = _proposed(db, [step for step in steps if step.word.pair and step.word.pair[0] == entity], sides[entity])
        for key, (claim, others) in refused_claims(proposed, in_force).items():
            names = ", ".join(one.name for one in others)
            back = f"{claim.name} would come back, and " if claim.id is not None else ""
            reason = f"{back}{names} say otherwise; allowed is what agrees with these, or undo one of them first"
            reasons |= dict.fromkeys(rows[key], reason)
    return refuse_rows(source, landed, reasons)


def _proposed(
    db: Database, steps: Iterable[Step], sides: Mapping[int, Side]
) -> tuple[dict[RowPair, Claim | None], dict[RowPair, list[tuple[str, int]]]]:
    """By pair what would be in force about it, and the parts and numbers of the rows that say so."""
    proposed: dict[RowPair, Claim | None] = {}
    rows: dict[RowPair, list[tuple[str, int]]] = {}
    for word, former, effect in ((step.word, step.former, step.effect) for step in steps):
        if word.pair is None or effect not in ("new", "taken back"):
            continue
        claim = decision_store.to_claim(
            f"row {word.row_number} of {word.part}", word.decision or "", (sides[word.pair[1]], sides[word.pair[2]])
        )
        key = (claim.left, claim.right)
        if effect == "taken back" and former is not None and former.decision_id is not None:
            back = decision_store.find_replaced(db.conn, former.decision_id)
            proposed[key] = back[1] if back is not None else None
        else:
            proposed.setdefault(key, claim)
        rows.setdefault(key, []).append((word.part, word.row_number))
    return proposed, rows


def _sides(db: Database, words: Iterable[Word]) -> dict[str, dict[int, Side]]:
    """Entity → id → the row that it is anchored to."""
    ids: dict[str, set[int]] = {}
    for word in words:
        if word.pair is not None:
            ids.setdefault(word.pair[0], set()).update(word.pair[1:])
    return {entity: decision_store.find_anchors(db, entity, wanted) for entity, wanted in ids.items()}


def _obey(
    connection: sqlite3.Connection,
    step: Step,
    sides: Mapping[str, Mapping[int, Side]],
    made: dict[Pair, int | None],
    file_name: str,
    now: str,
) -> dict[str, object]:
    """Does what a row says. Returns it as it is stored.

    Args:
        made: what rows above have decided, to be added to.
    """
    word, former = step.word, step.former
    verdict, decision_id = ("merged" if word.decision is not None else "blank"), None
    if step.effect != "unchanged" and former is not None and former.decision_id is not None:
        # a list says one thing about two of them: what it said before does not come back, not even if it was replaced since
        decision_store.take_back(connection, former.decision_id, now)
    if step.effect == "unchanged" and former is not None:
        decision_id = former.decision_id
    elif step.effect == "new" and word.pair is not None and word.decision is not None:
        if word.pair not in made:
            entity, left, right = word.pair
            two = (sides[entity][left], sides[entity][right])
            place = word.place(file_name)
            made[word.pair] = decision_store.insert_decision(connection, entity, word.decision, two, "file", place, now)
            verdict = "imported" if made[word.pair] is not None else "merged"
        decision_id = made[word.pair]
    return _row(word.part, word.row_number, verdict, word.pair, word.decision, decision_id)


def _refused(landed: Iterable[Landed]) -> list[dict[str, object]]:
    return [
        _row(part, row_number, "rejected", None, None, None)
        for table in landed
        for part, row_number in to_rows(table.rows[table.rows["verdict"] == "rejected"], ("part", "row_number"))
    ]


def _row(part: str, row_number: int, verdict: str, pair: Pair | None, decision: str | None, decision_id: int | None) -> dict[str, object]:
    entity, left_id, right_id = pair if pair is not None else (None, None, None)
    return {
        "part": part, "row_number": row_number, "verdict": verdict, "entity": entity, "left_id": left_id, "right_id": right_id,
        "decision": decision, "decision_id": decision_id,
    }  # fmt: skip


def _note(source: SourceFile, taken_back: int) -> str | None:
    told = [source.note, f"takes {taken_back} of its former decisions back" if taken_back else None]
    return "; ".join(note for note in told if note) or None
