"""What a human says about who is one: taken down here, obeyed by the next materialisation of companies and contacts.

Every door uses these functions: the command, a file in the inbox, the web desk. A decision is anchored to source rows, so that it
holds whatever is merged and parted later, and taking it back restores what was before.
"""

from dataclasses import dataclass
from typing import Literal

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import Contradiction, UnknownRecord
from liendea_assets.db.connection import Database, transaction
from liendea_assets.imports import decision_store
from liendea_assets.imports.contradictions import Claim, claims_against
from liendea_assets.imports.decision_store import Side

Entity = Literal["contact", "company"]
Verdict = Literal["same", "different"]


@dataclass(frozen=True, slots=True)
class Author:
    """Who decides, and through which door."""

    name: str
    origin: Literal["file", "command", "desk"] = "command"


def decide(db: Database, entity: Entity, decision: Verdict, left_id: int, right_id: int, author: Author, clock: Clock) -> int | None:
    """Says that two contacts (or companies) are one, or that they are not.

    A contrary decision about the same two is replaced by it, and in force again when it is undone.

    Returns:
        The decision's id; None where it stands already.

    Raises:
        UnknownRecord: one of the ids is none, or both are the same one.
        Contradiction: others in force say otherwise, over any chain of `same`.
    """
    sides = (_anchor(db, entity, left_id), _anchor(db, entity, right_id))
    if left_id == right_id:
        raise UnknownRecord(f"{entity} {left_id} twice; a decision is about two of them")
    return _add(db, entity, decision, sides, author, clock)


def part_row(db: Database, entity: Entity, source: str, row_id: int, author: Author, clock: Clock) -> int | None:
    """Says that a source row is about somebody else than the contact (or company) that it was merged into.

    Raises:
        UnknownRecord: there is no such row, or the contact has its id from this very row.
        Contradiction: others in force say otherwise.
    """
    row = decision_store.find_row(db, entity, source, row_id)
    if row is None:
        raise UnknownRecord(f"no row {source}:{row_id} made a {entity}; `liendea person show ID` lists a contact's rows")
    anchor = _anchor(db, entity, row.id)
    if (anchor.source, anchor.row_id) == (source, row_id):
        raise UnknownRecord(f"{entity} {row.id} has its id from row {source}:{row_id}; name the row that does not belong to it instead")
    return _add(db, entity, "different", (anchor, row), author, clock)


def undo(db: Database, decision_id: int, clock: Clock) -> bool:
    """Takes a decision back, so that what it replaced is in force again. Returns False where that was done already.

    Raises:
        UnknownRecord: there is no such decision.
        Contradiction: what it replaced cannot come back beside others that were made since.
    """
    with transaction(db) as connection:
        back = decision_store.find_replaced(connection, decision_id)
        if back is not None:
            entity, claim = back
            in_force = [one for one in decision_store.read_claims(connection, entity) if one.id != decision_id]
            _refuse_contradiction(claim, in_force, f"{claim.name}, which comes back when decision {decision_id} is undone, cannot be true")
        undone = decision_store.take_back(connection, decision_id, to_text(clock.now()))
    if undone is None:
        raise UnknownRecord(f"no decision {decision_id}; `liendea merges list` shows them all")
    return undone


def _add(db: Database, entity: Entity, decision: Verdict, sides: tuple[Side, Side], author: Author, clock: Clock) -> int | None:
    claim = decision_store.to_claim("", decision, sides)
    with transaction(db) as connection:
        in_force = decision_store.read_claims(connection, entity)
        about_others = [one for one in in_force if (one.left, one.right) != (claim.left, claim.right)]
        # what stands already is not made again
        if not any(one.decision == decision for one in in_force if one not in about_others):
            _refuse_contradiction(claim, about_others, f"{entity} {sides[0].id} and {sides[1].id} cannot be {decision}")
        return decision_store.insert_decision(connection, entity, decision, sides, author.origin, author.name, to_text(clock.now()))


def _refuse_contradiction(claim: Claim, in_force: list[Claim], what: str) -> None:
    against = claims_against(claim, in_force)
    if against:
        names = ", ".join(one.name for one in against)
        raise Contradiction(f"{what}: {names} in force say otherwise; undo one of these first (`liendea merges undo {against[-1].id}`)")


def _anchor(db: Database, entity: Entity, id_: int) -> Side:
    anchor = decision_store.find_anchor(db, entity, id_)
    if anchor is None:
        raise UnknownRecord(f"no {entity} {id_} that came from a source row")
    return anchor
