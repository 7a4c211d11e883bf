"""Finding people."""

from starlette.responses import RedirectResponse, Response

from liendea_assets.web.pages import people_store as store
from liendea_assets.web.view import View, get


def find(view: View) -> Response:
    """By name, company, address or id; without a question the best targets."""
    asked = view.query("q")[:200]
    if asked.isascii() and asked.isdigit() and len(asked) <= 18:
        found = store.find_id(view.db, int(asked))
        if found is not None:
            return RedirectResponse(f"/people/{found}", status_code=303)
    rows = store.find_people(view.db, asked.split()[:3], view.window()) if asked else store.best_targets(view.db, view.window())
    listed = view.pages(rows)
    return view.show("people.html", about=listed.ids(), asked=asked, listed=listed)


ROUTES = (get("/people", find),)
