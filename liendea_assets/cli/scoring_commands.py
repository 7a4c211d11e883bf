"""`liendea preview-scoring`, `apply-scoring` and `scoring-history`, as they are typed; what is heavy is imported when one of them runs."""

import sys
from pathlib import Path

import click

from liendea_assets.cli.options import chosen_home, home_option

_titles = click.option(
    "--titles", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file in the place of titles.yaml."
)


@click.command("preview-scoring")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_titles
@click.option("--version", "config_version", metavar="HASH", help="An earlier version instead of a file (liendea scoring-history).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for both files. Default: data/exports.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="People in each list but the workbook's.")
@home_option
def preview_scoring(
    file: Path | None, titles: Path | None, config_version: str | None, out: Path | None, limit: int, home: Path | None
) -> None:
    """Show what FILE in the place of config/icp_scoring.yaml would do to scores, targets and accounts, without changing anything.

    Person by person, old and new score with the parts that differ; moves between priorities; who enters and leaves the targets, and who
    of them is in the middle of a sequence. Also written as a page and as a workbook with everybody, for your eyes.
    """
    from liendea_assets.cli.scoring_preview import preview_scoring as show

    if (file is None and titles is None) == (config_version is None):
        raise click.UsageError("name a FILE, --titles, or both; or a --version alone")
    show(chosen_home(home), file, titles, config_version, out, limit)


@click.command("apply-scoring")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_titles
@click.option("--run", "is_run", is_flag=True, help="Rescore at once, where no `liendea dev` runs that does it by itself.")
@home_option
def apply_scoring(file: Path | None, titles: Path | None, is_run: bool, home: Path | None) -> None:
    """Put FILE in the place of config/icp_scoring.yaml; the former one is kept in config/history with date and hash.

    While `liendea dev` runs, everybody is rescored within seconds; else with the next run.
    """
    from rich.console import Console

    from liendea_assets.cli.scoring_preview import apply_scoring as swap
    from liendea_assets.core.clock import SystemClock

    if file is None and titles is None:
        raise click.UsageError("name a FILE, --titles, or both")
    found = chosen_home(home)
    swap(found, file, titles, SystemClock().now(), Console(highlight=False))
    if is_run:
        from liendea_assets.cli.run import rescore_once

        sys.exit(rescore_once(found))


@click.command("scoring-history")
@home_option
def scoring_history(home: Path | None) -> None:
    """List the versions of the scoring config: which is in force, when each was used, and where its file is kept."""
    from rich.console import Console

    from liendea_assets.cli.scoring_preview import print_history

    print_history(chosen_home(home), Console(highlight=False))


SCORING_COMMANDS = (preview_scoring, apply_scoring, scoring_history)
