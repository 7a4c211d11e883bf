"""What humans said about who is one: decisions in force, anchored to source rows."""

from dataclasses import dataclass

import pandas as pd

from liendea_assets.imports.identity import Pairs
from liendea_assets.imports.row_positions import positions_of


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions in force about contacts or companies.

    Attributes:
        pairs: `decision` (same, different), `left_source`, `left_row_id`, `right_source`, `right_row_id`.
    """

    pairs: pd.DataFrame

    def within(self, rows: pd.DataFrame) -> tuple[Pairs, Pairs]:
        """Positions in `rows` (`source`, `row_id`) of pairs that are the same, and of pairs that are not; both rows must be there."""
        sides = []
        for side in ("left", "right"):
            wanted = self.pairs[[f"{side}_source", f"{side}_row_id"]].set_axis(["source", "row_id"], axis=1)
            sides.append(positions_of(wanted, rows).tolist() if len(wanted) else [])
        found: dict[str, list[tuple[int, int]]] = {"same": [], "different": []}
        for decision, left, right in zip(self.pairs["decision"], *sides, strict=True):
            if left >= 0 and right >= 0:
                found[decision].append((left, right))
        return found["same"], found["different"]
