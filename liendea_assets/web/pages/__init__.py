"""The pages of the desk, in the order of its navigation."""

from liendea_assets.web.pages import actions, enrichment, merges, people, person, scoring, start

PAGES = (
    *start.ROUTES,
    *merges.ROUTES,
    *people.ROUTES,
    *person.ROUTES,
    *enrichment.ROUTES,
    *scoring.ROUTES,
    *actions.ROUTES,
)
