"""Decisions that cannot all be true: a chain of `same` between two that another one says are different. Without SQL."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# source and id of a source row
Row = tuple[str, int]
RowPair = tuple[Row, Row]


@dataclass(frozen=True, slots=True)
class Claim:
    """A decision that is in force, or would be.

    Attributes:
        name: what a message calls it: `decision 3`, or the place of a row of a list.
        id: the decision's; missing in one that is not made yet.
    """

    name: str
    decision: str
    left: Row
    right: Row
    id: int | None = None


def contradictions(claims: Sequence[Claim]) -> list[list[Claim]]:
    """For each `different` whose sides are one by others: itself, and the shortest chain of `same` between its sides."""
    neighbours: dict[Row, list[tuple[Row, Claim]]] = {}
    for claim in claims:
        if claim.decision == "same":
            neighbours.setdefault(claim.left, []).append((claim.right, claim))
            neighbours.setdefault(claim.right, []).append((claim.left, claim))
    found = []
    for claim in claims:
        if claim.decision == "different" and claim.left in neighbours and claim.right in neighbours:
            chain = _chain(neighbours, claim.left, claim.right)
            if chain:
                found.append([claim, *chain])
    return found


def claims_against(claim: Claim, in_force: Sequence[Claim]) -> list[Claim]:
    """Those that a new decision contradicts, in the order of their ids; none where it may be made."""
    group = next((group for group in contradictions([claim, *in_force]) if claim in group), [])
    return sorted((one for one in group if one != claim), key=lambda one: one.id or 0)


def refused_claims(proposed: Mapping[RowPair, Claim | None], in_force: Mapping[RowPair, Claim]) -> dict[RowPair, tuple[Claim, list[Claim]]]:
    """Of the words of a list those that contradict decisions in force or each other; each with the others of that contradiction.

    Where words contradict each other all of them are refused: nobody can tell which was meant.

    Args:
        proposed: by pair what would be in force about it, missing for nothing.
        in_force: by pair what is in force now.
    """
    refused: dict[RowPair, tuple[Claim, list[Claim]]] = {}
    while True:
        left = {key: claim for key, claim in proposed.items() if key not in refused}
        after = {key: claim for key, claim in (dict(in_force) | left).items() if claim is not None}
        groups: dict[Claim, list[Claim]] = {}
        for group in contradictions(list(after.values())):
            for claim in group:
                groups.setdefault(claim, group)
        found = {
            key: (claim, [one for one in groups[claim] if one != claim])
            for key, claim in left.items()
            if claim is not None and claim in groups
        }
        if not found:
            return refused
        # what stays as it was may contradict another word
        refused |= found


def _chain(neighbours: Mapping[Row, Sequence[tuple[Row, Claim]]], start: Row, end: Row) -> list[Claim]:
    reached: dict[Row, tuple[Row, Claim] | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in reached:
        row = waiting.popleft()
        for other, claim in neighbours[row]:
            if other not in reached:
                reached[other] = (row, claim)
                waiting.append(other)
    chain = []
    step = reached.get(end)
    while step is not None:
        chain.append(step[1])
        step = reached[step[0]]
    return chain
