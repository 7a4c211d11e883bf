"""The assets of the imports stage: landing tables, companies, contacts, ties."""

import time

import dagster as dg

from liendea_assets.core.clock import Clock
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.imports import (
    company_store,
    connections,
    decision_file_store,
    decision_store,
    file_account_store,
    landing,
    network_store,
    store,
)
from liendea_assets.imports.companies import update_companies
from liendea_assets.imports.import_summary import write_summaries
from liendea_assets.imports.landing_slices import ROWS_AT_ONCE
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.network_changes import COLUMNS as CHANGE_COLUMNS
from liendea_assets.imports.network_changes import KINDS as CHANGE_KINDS
from liendea_assets.imports.network_changes import find_changes
from liendea_assets.imports.people import update_contacts
from liendea_assets.imports.reviews import update_reviews
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.materialized import as_markdown_table, check, table_result

GROUP = "imports"
OWNERS = ["team:revops"]


def _land(
    context: dg.AssetExecutionContext, home: Home, database: Database, clock: Clock, table: str, kinds: tuple[str, ...], shown: list[str]
) -> dg.MaterializeResult:
    settings = load_settings(ImportSettings, home, "imports.yaml")
    home.inbox.mkdir(parents=True, exist_ok=True)
    report = landing.take_in(
        database,
        home.inbox,
        kinds,
        settings,
        clock,
        lambda done, total: context.log.info("%d of %d files looked at", done, total),
        home.make_private_folder(home.exports / "rejects"),
        _RowLog(context),
    )
    files = file_account_store.list_files(database)
    files = files[files["kind"].isin(kinds)].reset_index(drop=True)
    unreadable = files["error"].notna().sum()
    return table_result(
        database,
        table,
        shown=["id", "file_id", "row_number", "verdict", "industry", "employee_count", "growth_rate", "gtm_segment", "company_id"],
        content=files.drop(columns=["id", "kind", "owner", "sha256", "read_at", "imported", "merged", "pending", "replaced_by"]),
        metadata={"files_read": report.read, "files_known": report.known, "files": dg.MetadataValue.md(as_markdown_table(files[shown]))},
        checks=[check("every_file_was_read", unreadable == 0, unreadable=int(unreadable))],
    )


class _RowLog:
    """Tells of a file with many rows how far it is, at what rate, and how long it will take."""

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        self._context = context
        self._started = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if total > ROWS_AT_ONCE:
            rate = done / (time.monotonic() - self._started)
            self._context.log.info("%d of %d rows stored, %.0f a second, about %.0f s left", done, total, rate, (total - done) / rate)
        if done == total:
            self._started = time.monotonic()


_FILE_CHECK = "Every such file in the inbox could be imported; the reasons for those that could not stand in the table of files."
# a file's name may be somebody's; it stands on the page of that number in data/reports/imports
_SHOWN_OF_FILES = ["id", "kind", "rows", "imported", "merged", "rejected", "blank", "pending", "unchanged", "mapping", "error", "note"]


@dg.asset(
    group_name=GROUP,
    kinds={"excel", "sqlite"},
    owners=OWNERS,
    pool="gtm_rows",
    check_specs=[dg.AssetCheckSpec("every_file_was_read", asset="gtm_rows", description=_FILE_CHECK)],
)
def gtm_rows(
    context: dg.AssetExecutionContext, home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]
) -> dg.MaterializeResult:
    """One row per row of a GTM workbook or CSV in data/inbox, normalised, with file, sheet, row number and verdict.

    A list of decisions about who is one is taken in here too, so that companies and contacts obey it; and files of a kind that nothing
    reads are recorded, with that reason. Of a workbook only its sheets tell: one of LinkedIn's connections is read here, and its rows
    land in linkedin_rows.

    Key: file, part and row number. Each file is read once, by its content; a changed file is read again. Rows are only added.
    """
    return _land(context, home, database, clock, "gtm_rows", ("gtm_workbook", "gtm_csv", "merge_decisions", "unknown"), _SHOWN_OF_FILES)


@dg.asset(
    group_name=GROUP,
    kinds={"csv", "sqlite"},
    owners=OWNERS,
    pool="linkedin_rows",
    check_specs=[dg.AssetCheckSpec("every_file_was_read", asset="linkedin_rows", description=_FILE_CHECK)],
)
def linkedin_rows(
    context: dg.AssetExecutionContext, home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]
) -> dg.MaterializeResult:
    """One row per row of a colleague's Connections.csv (in LinkedIn's export ZIP, or alone), with file, row number and verdict.

    Key: file, part and row number. Of the other files of the export only counts and dates of messages are kept. Connections saved as a
    workbook are landed by gtm_rows, which reads all workbooks.
    """
    return _land(context, home, database, clock, "linkedin_rows", ("linkedin_export",), _SHOWN_OF_FILES)


@dg.asset(group_name=GROUP, kinds={"pandas", "sqlite"}, owners=OWNERS, deps=[gtm_rows, linkedin_rows], pool="people")
def companies(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
    """One row per company, known by its domain, else by its name without the legal form.

    A company keeps its id. Values come from the newest workbook that has them.
    """
    settings = load_settings(ImportSettings, home, "imports.yaml")
    with exclusive(database, "people"):
        looked_at = update_companies(database, settings, clock)
    return table_result(
        database,
        "companies",
        shown=["id", "name", "domain", "industry", "employee_count", "revenue_range", "growth_rate", "gtm_segment", "created_at"],
        version=company_store.content_version(database),
        metadata={"rows_looked_at": looked_at},
    )


@dg.asset(
    group_name=GROUP,
    kinds={"pandas", "sqlite"},
    owners=OWNERS,
    deps=[gtm_rows, linkedin_rows, companies],
    pool="people",
    check_specs=[
        dg.AssetCheckSpec("contacts_are_unique", asset="contacts", blocking=True, description="No profile belongs to two contacts."),
        dg.AssetCheckSpec(
            "every_row_is_accounted_for",
            asset="contacts",
            blocking=True,
            description="For each file: rows = imported + merged + rejected + blank, and as many rows landed.",
        ),
    ],
)
def contacts(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
    """One row per person, from all rows that are about them; the owners of exports are contacts too.

    A contact keeps its id. Rows are one person by LinkedIn profile, Reach id or e-mail, else by name and company where nothing
    contradicts; contact_sources says which rows and why.
    """
    settings = load_settings(ImportSettings, home, "imports.yaml")
    with exclusive(database, "people"):
        looked_at = update_contacts(database, settings, clock)
    write_summaries(database, home)
    totals = file_account_store.sum_files(database)
    duplicates, miscounted = store.count_duplicate_contacts(database), file_account_store.miscounted_files(database)
    miscounted += decision_file_store.miscounted_files(database)
    return table_result(
        database,
        "contacts",
        shown=["id", "company_id", "industry", "country", "is_owner", "created_at", "updated_at", "merged_into"],
        version=store.content_version(database),
        metadata={
            "rows_looked_at": looked_at,
            "rows": totals.rows,
            "imported": totals.imported,
            "merged": totals.merged,
            "rejected": totals.rejected,
            "blank": totals.blank,
            "pages_of_files": dg.MetadataValue.path(str(home.reports / "imports")),
        },
        checks=[
            check("contacts_are_unique", duplicates == 0, duplicates=duplicates),
            check("every_row_is_accounted_for", not miscounted, miscounted_files=miscounted),
        ],
    )


@dg.asset(group_name=GROUP, kinds={"pandas", "sqlite"}, owners=OWNERS, deps=[companies, contacts], pool="people")
def merge_reviews(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database]) -> dg.MaterializeResult:
    """One row per pair of contacts, or of companies, that are likely one and not surely, with probability and evidence.

    Key: entity and both ids. `liendea merges review` shows the pairs with their names; what a human decides is obeyed by the next run.
    """
    settings = load_settings(ImportSettings, home, "imports.yaml")
    with exclusive(database, "people"):
        update_reviews(database, settings)
    reviews = decision_store.list_reviews(database)
    return table_result(
        database,
        "merge_reviews",
        shown=["entity", "left_id", "right_id", "probability", "evidence"],
        content=reviews,
        metadata={f"{entity}_pairs": int((reviews["entity"] == entity).sum()) for entity in ("contact", "company")},
    )


@dg.asset(group_name=GROUP, kinds={"pandas", "sqlite"}, owners=OWNERS, deps=[contacts, linkedin_rows], pool="people")
def linkedin_connections(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database]) -> dg.MaterializeResult:
    """One row per tie between a colleague (the owner of an export) and a contact: degree 1–3, date, strength (0–10) with evidence.

    The owner's newest export says who is connected now; ties of older ones stay, not current. The strength comes from counts and dates;
    it is missing where an export has no messages, and for degrees 2 and 3.
    """
    settings = load_settings(ImportSettings, home, "imports.yaml")
    with exclusive(database, "people"):
        ties = connections.build_ties(
            network_store.read_rows(database),
            network_store.read_exports(database),
            network_store.read_positions(database),
            NameKeys(settings),
        )
        network_store.store_ties(database, ties, connections.COLUMNS)
    current = ties[ties["is_current"] == 1]
    return table_result(
        database,
        "linkedin_connections",
        shown=["id", *connections.COLUMNS],
        content=ties,
        metadata={f"degree_{degree}": int((current["connection_degree"] == degree).sum()) for degree in (1, 2, 3)},
    )


@dg.asset(group_name=GROUP, kinds={"pandas", "sqlite"}, owners=OWNERS, deps=[contacts, linkedin_rows], pool="people")
def network_changes(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database]) -> dg.MaterializeResult:
    """One row per difference between two consecutive exports of one colleague: connections won and lost, new employers, new titles.

    Key: both files, contact and kind. Another spelling of an employer, and the same export saved again, are no difference.
    """
    settings = load_settings(ImportSettings, home, "imports.yaml")
    with exclusive(database, "people"):
        changes = find_changes(network_store.read_rows(database), network_store.read_exports(database), NameKeys(settings))
        network_store.store_changes(database, changes, CHANGE_COLUMNS)
    counts = {kind: int((changes["kind"] == kind).sum()) for kind in CHANGE_KINDS}
    return table_result(
        database,
        "network_changes",
        shown=["from_file_id", "to_file_id", "contact_id", "kind", "owner_id", "seen_on"],
        content=changes,
        metadata=dict(counts),
    )
