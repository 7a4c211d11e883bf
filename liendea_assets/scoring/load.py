"""Reading what scoring goes by: `icp_scoring.yaml`, with the words that `titles.yaml` adds."""

from pathlib import Path

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_file, load_settings
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.title_words import HOME_FILE, load_title_words

NAME = "icp_scoring.yaml"


def load_scoring_settings(home: Home, candidate: Path | None = None, titles: Path | None = None) -> ScoringSettings:
    """The scoring config of a home; or another file in the place of its icp_scoring.yaml, and another one in that of its titles.yaml.

    Raises:
        SettingsError: one line for each problem, with file, line and key.
    """
    settings = load_file(ScoringSettings, candidate) if candidate else load_settings(ScoringSettings, home, NAME)
    if "titles" in settings.model_fields_set:
        raise SettingsError(f"{candidate or home.config / NAME}: titles: words of titles stand in {HOME_FILE}, which has the same keys")
    return settings.model_copy(update={"titles": load_title_words(home, titles)})
