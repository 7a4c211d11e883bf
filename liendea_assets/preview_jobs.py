"""Jobs that show what would be: of a file in the inbox, and of a scoring config. They write nothing."""

from pathlib import Path
from typing import Any

import dagster as dg

from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.imports.preview import Preview, preview
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.unread_columns import list_names
from liendea_assets.materialized import as_markdown_table
from liendea_assets.operations.reading import read_home_database
from liendea_assets.resources import current_home
from liendea_assets.scoring.account_preview import largest_account_changes
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.preview import ScoringPreview, preview_config
from liendea_assets.scoring.preview_report import figures, headline, largest_changes

# Contacts in each list of a scoring preview; the command's workbook has them all.
SHOWN_IDS = 100


class PreviewConfig(dg.Config):
    """Which file to look at."""

    file: str


@dg.op(name="show_preview", description="Reads the file as an import would; counts, columns and the mapping are in the metadata.")
def preview_op(context: dg.OpExecutionContext, config: PreviewConfig) -> None:
    """What is shown reveals nobody: the command `liendea preview` shows rows, too."""
    home = current_home()
    path = (home.inbox / config.file).resolve()
    if not path.is_relative_to(home.inbox.resolve()) or not path.is_file():
        raise dg.Failure("no such file in data/inbox", allow_retries=False)
    with read_home_database(home) as (db, why_unknown):
        found = preview(path, load_settings(ImportSettings, home, "imports.yaml"), db, 0, why_unknown)
    context.add_output_metadata(describe_preview(found))


@dg.config_mapping
def preview_run_config(config: PreviewConfig) -> dg.RunConfig:
    """The file's name alone is asked for in the launchpad."""
    return dg.RunConfig(ops={"show_preview": config})


@dg.job(
    config=preview_run_config,
    description="Shows what an import of a file in data/inbox would do, without importing it. Config: its name, as `file`.",
)
def preview_file() -> None:
    """One step."""
    preview_op()


class ScoringPreviewConfig(dg.Config):
    """Which files in config/ are the candidates, such as candidates/weights.yaml: for icp_scoring.yaml, for titles.yaml, or both."""

    file: str | None = None
    titles: str | None = None


@dg.op(name="show_scoring_preview", description="Scores everybody by the candidate, writes nothing; what would change is in the metadata.")
def scoring_preview_op(context: dg.OpExecutionContext, config: ScoringPreviewConfig) -> None:
    """What is shown are counts and ids: the command `liendea preview-scoring` shows names, too."""
    home = current_home()
    if config.file is None and config.titles is None:
        raise dg.Failure("name a candidate: file, titles, or both", allow_retries=False)
    candidate, titles = (_in_config(home, name) for name in (config.file, config.titles))
    with read_home_database(home) as (db, why_unknown):
        if db is None:
            raise dg.Failure(why_unknown, allow_retries=False)
        found = preview_config(db, load_scoring_settings(home, candidate, titles))
    context.add_output_metadata(describe_scoring_preview(found))


def _in_config(home: Home, name: str | None) -> Path | None:
    if name is None:
        return None
    path = (home.config / name).resolve()
    if not path.is_relative_to(home.config.resolve()) or not path.is_file():
        raise dg.Failure("no such file in config/", allow_retries=False)
    return path


@dg.config_mapping
def scoring_preview_run_config(config: ScoringPreviewConfig) -> dg.RunConfig:
    """The files' names alone are asked for in the launchpad."""
    return dg.RunConfig(ops={"show_scoring_preview": config})


@dg.job(
    config=scoring_preview_run_config,
    description="Shows what another icp_scoring.yaml, or titles.yaml, would do to scores, targets and accounts, without changing anything. "
    "Config: the candidate's name in config/, as `file` (candidates/weights.yaml), or as `titles`.",
)
def scoring_preview() -> None:
    """One step."""
    scoring_preview_op()


def describe_preview(found: Preview) -> dict[str, Any]:
    """A preview as metadata: names of columns, counts and reasons; no value of a cell."""
    described: dict[str, Any] = {
        "kind": found.kind,
        "can_be_imported": found.error is None,
        "error": found.error,
        "note": found.note,
        "rows_that_join_contacts": int(found.merges["contact_id"].notna().sum()) if found.why_unknown is None else None,
        "why_joins_of_contacts_are_not_told": found.why_unknown,
        "rows_that_join_each_other": int(found.merges["contact_id"].isna().sum()),
        "decisions": {str(effect): int(count) for effect, count in found.decisions["effect"].value_counts().items()} or None,
        "a_mapping_can_be_proposed": found.proposal is not None,
    }
    for part in found.parts:
        described[f"{part.part}: mapping"] = part.mapping
        described[f"{part.part}: columns"] = dg.MetadataValue.md(as_markdown_table(part.columns))
        described[f"{part.part}: columns that are not read"] = list_names(part.unmapped) or None
        described[f"{part.part}: rows"] = dg.MetadataValue.md(as_markdown_table(part.verdicts))
        described[f"{part.part}: values that would be left out"] = dg.MetadataValue.md(as_markdown_table(part.refusals))
    return {name: value for name, value in described.items() if value is not None}


def describe_scoring_preview(found: ScoringPreview) -> dict[str, Any]:
    """A preview as metadata: versions, counts, keys of the config, ids; nobody's data."""
    lists = {
        "enter_the_targets": found.entering(),
        "leave_the_targets": found.leaving(),
        "move_the_furthest": largest_changes(found, SHOWN_IDS),
    }
    moves = {name: people.head(SHOWN_IDS)[["contact_id", "old", "new", "old_priority", "new_priority"]] for name, people in lists.items()}
    messages = found.messages[["contact_id", "campaign", "step", "status"]]
    return {
        "headline": headline(found),
        **{name.replace(" ", "_").replace(",", ""): count for name, count in figures(found).items()},
        "priorities_now_and_then": dg.MetadataValue.md(as_markdown_table(found.tiers)),
        "due_to": dg.MetadataValue.md(as_markdown_table(found.by_key())),
        **{f"{name}_ids": dg.MetadataValue.md(as_markdown_table(people)) for name, people in moves.items()},
        "accounts_ids": dg.MetadataValue.md(as_markdown_table(largest_account_changes(found.accounts).head(SHOWN_IDS))),
        "in_the_middle_of_a_sequence": dg.MetadataValue.md(as_markdown_table(messages.head(SHOWN_IDS))),
    }
