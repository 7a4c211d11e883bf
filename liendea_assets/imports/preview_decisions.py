"""What a list of decisions would decide, without writing anything."""

from collections.abc import Sequence

import pandas as pd

from liendea_assets.db.connection import Database
from liendea_assets.imports.decision_landing import plan_file
from liendea_assets.imports.model import Landed

DECISION_COLUMNS = ("part", "row_number", "entity", "left_id", "right_id", "decision", "effect")
EFFECTS = {
    "new": "would be decided",
    "unchanged": "said before by this file",
    "stands": "decided already",
    "taken back": "this file's decision would be taken back",
}


def would_decide(name: str, landed: Sequence[Landed], db: Database | None) -> pd.DataFrame:
    """The rows that say something: columns `DECISION_COLUMNS`, the effect out of `EFFECTS`.

    Args:
        name: the file's, by which its former versions are known.
        landed: the file's tables.
        db: missing where there is none yet, and so nobody to decide about.
    """
    rows = [
        (step.word.part, step.word.row_number, *step.word.pair, step.word.decision, EFFECTS[step.effect])
        for step in (plan_file(db, name, landed) if db is not None else ())
        if step.effect in EFFECTS and step.word.pair is not None
    ]
    return pd.DataFrame(rows, columns=list(DECISION_COLUMNS), dtype=object)
