"""Who did what at the desk."""

from starlette.responses import Response

from liendea_assets.web.pages import actions_store as store
from liendea_assets.web.view import View, get


def show(view: View) -> Response:
    """The newest first."""
    return view.show("actions.html", listed=view.pages(store.read_actions(view.db, view.window())))


ROUTES = (get("/actions", show),)
