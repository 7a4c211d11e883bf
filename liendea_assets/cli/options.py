"""The home that a command is about, as all of them are told it."""

from pathlib import Path

import click

from liendea_assets.core.home import Home, find_home


def chosen_home(given: Path | None) -> Home:
    """The home.

    Raises:
        click.UsageError: it has no config.
    """
    home = find_home(given)
    if not home.config.is_dir():
        raise click.UsageError(f"{home.root} is no home (it has no config folder). Make one with: liendea init {home.root}")
    return home


home_option = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder with config/ and data/. Default: LIENDEA_HOME, else the project's root.",
)
