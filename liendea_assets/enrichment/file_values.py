"""What the imported files themselves say about contacts, as answers of the sources gtm and linkedin."""

import pandas as pd

from liendea_assets.enrichment.merge import PROFILE_URL

_FIELDS = ["work_email", "work_phone", "mobile_phone", "linkedin_id", "title", "country", "reach_id"]


def best_file_values(values: pd.DataFrame) -> pd.DataFrame:
    """One row per contact and source: the newest file's value of each field, with the date on which that file was read.

    Args:
        values: as `imports.store.read_source_values`: the newest file first within a contact and source.
    """
    grouped = values.groupby(["contact_id", "source"], sort=True)
    best = grouped[_FIELDS].first().join(grouped["read_at"].max()).reset_index()
    urls = (PROFILE_URL + best["linkedin_id"].astype(object)).where(best["linkedin_id"].notna(), None)
    return best.assign(linkedin_url=urls).drop(columns=["linkedin_id"])
