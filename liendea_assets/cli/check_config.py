"""Reading every config file before anything starts, so that all mistakes are shown at once."""

from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.errors import LiendeaError, SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import Settings, load_settings
from liendea_assets.enrichment.providers.load import add_pacing, add_windows, budgets_of_nobody, read_provider_files
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.operations.settings import DatabaseSettings
from liendea_assets.outreach.campaigns import load_campaigns
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.reports.settings import ReportSettings
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.title_words import TitleWords

FILES: dict[str, type[Settings]] = {
    "database.yaml": DatabaseSettings,
    "rate_limits.yaml": RateLimits,
    "imports.yaml": ImportSettings,
    "enrichment.yaml": EnrichmentSettings,
    "icp_scoring.yaml": ScoringSettings,
    "titles.yaml": TitleWords,
    "outreach.yaml": OutreachSettings,
    "reports.yaml": ReportSettings,
}


def check_config(home: Home) -> None:
    """Raises `SettingsError` with every problem of every file; one line each."""
    problems = []
    for name, model in FILES.items():
        try:
            load_settings(model, home, name)
        except LiendeaError as error:
            problems.append(str(error))
    try:
        files = read_provider_files(home)
        limits = load_settings(RateLimits, home, "rate_limits.yaml")
        add_windows(files, limits.in_force(is_sandbox=False))
        add_pacing(files, limits.pacing_in_force(is_sandbox=False))
        problems += budgets_of_nobody(home, files, load_settings(EnrichmentSettings, home, "enrichment.yaml"))
    except LiendeaError as error:
        problems += [line for line in str(error).splitlines() if line not in problems]
    try:
        load_scoring_settings(home)
    except LiendeaError as error:
        problems += [line for line in str(error).splitlines() if line not in "\n".join(problems)]
    try:
        load_campaigns(home)
    except LiendeaError as error:
        problems += [line for line in str(error).splitlines() if line not in "\n".join(problems)]
    problems += [
        f"{path}: not a config file that LIENDEA reads; allowed here: {', '.join(FILES)}"
        for path in sorted(home.config.glob("*.y*ml"))
        if path.name not in FILES
    ]
    if problems:
        raise SettingsError("the config is not right; nothing was started\n" + "\n".join(problems))
