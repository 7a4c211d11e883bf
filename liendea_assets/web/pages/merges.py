"""Who may be one: pairs with their evidence, and the decisions that were made."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from liendea_assets.db.connection import to_records
from liendea_assets.imports import decision_store, merges
from liendea_assets.imports.merges import Author
from liendea_assets.web.forms import Form
from liendea_assets.web.pages import merges_store as store
from liendea_assets.web.view import Done, View, get, post

FROM_NOW_ON = "In force when companies and contacts are materialised the next time."


def show(view: View) -> Response:
    """The pairs to decide, the likeliest first."""
    listed = view.pages(store.read_reviews(view.db, view.window()))
    records = _records(view, listed.rows)
    pairs = [
        {
            **review,
            "evidence": json.loads(review["evidence"]),
            "left": records[(review["entity"], review["left_id"])],
            "right": records[(review["entity"], review["right_id"])],
        }
        for review in listed.rows
    ]
    about = [review[side] for review in listed.rows if review["entity"] == "contact" for side in ("left_id", "right_id")]
    return view.show("merges.html", about=about, pairs=pairs, listed=listed, waiting=store.count_reviews(view.db))


def show_decisions(view: View) -> Response:
    """Every decision, the undone ones too, the newest first."""
    rows = store.read_decisions(view.db, view.window())
    return view.show("merge_decisions.html", listed=view.pages(rows))


def decide(view: View, form: Form) -> Done:
    """Same, or not the same."""
    entity, verdict = form.one_of("entity", "contact", "company"), form.one_of("decision", "same", "different")
    left, right = form.number("left"), form.number("right")
    author = Author(view.session.by, "desk")
    made = merges.decide(view.db, entity, verdict, left, right, author, view.desk.clock)  # type: ignore[arg-type]  # as one_of says
    text = f"{entity} {left} and {right}: {verdict}. {FROM_NOW_ON}" if made is not None else "That is decided already."
    return Done(text, f"decision {made}" if made is not None else f"{entity} {left} {right}")


def undo(view: View, form: Form) -> Done:
    """Takes a decision back."""
    decision_id = form.number("decision")
    undone = merges.undo(view.db, decision_id, view.desk.clock)
    return Done(f"Decision {decision_id} is undone. {FROM_NOW_ON}" if undone else "That was undone already.", f"decision {decision_id}")


def _records(view: View, reviews: list[dict[str, Any]]) -> dict[tuple[object, object], Mapping[str, Any]]:
    """(entity, id) → what a human compares; a contact that went since is shown by its id alone."""
    found: dict[tuple[object, object], Mapping[str, Any]] = {}
    for entity, read in (("contact", decision_store.read_records), ("company", decision_store.read_company_records)):
        ids = {review[side] for review in reviews if review["entity"] == entity for side in ("left_id", "right_id")}
        found |= {(entity, id_): {} for id_ in ids}
        found |= {(entity, record["id"]): record for record in to_records(read(view.db, ids).reset_index())} if ids else {}
    return found


ROUTES = (
    get("/merges", show),
    get("/merges/decisions", show_decisions),
    post("/merges/decide", decide, "/merges"),
    post("/merges/undo", undo, "/merges/decisions"),
)
