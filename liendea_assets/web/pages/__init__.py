"""The pages of the desk, in the order of its navigation."""

from liendea_assets.web.pages import (
    actions,
    campaigns,
    enrichment,
    exports,
    inbox,
    linkedin,
    merges,
    people,
    person,
    queue,
    scoring,
    start,
    suppression,
    uncertain,
)

PAGES = (
    *start.ROUTES,
    *linkedin.ROUTES,
    *campaigns.ROUTES,
    *queue.ROUTES,
    *uncertain.ROUTES,
    *inbox.ROUTES,
    *suppression.ROUTES,
    *merges.ROUTES,
    *exports.ROUTES,
    *people.ROUTES,
    *person.ROUTES,
    *enrichment.ROUTES,
    *scoring.ROUTES,
    *actions.ROUTES,
)
