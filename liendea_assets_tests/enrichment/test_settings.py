import pytest
from pydantic import ValidationError

from liendea_assets.core.home import default_config
from liendea_assets.core.settings import load_file
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.sandbox.reach_server import LARGEST_BATCH


def test_the_shipped_file_says_what_holds_without_it() -> None:
    assert load_file(EnrichmentSettings, default_config() / "enrichment.yaml") == EnrichmentSettings()


def test_a_batch_is_no_larger_than_reach_allows() -> None:
    assert EnrichmentSettings(batch_size=LARGEST_BATCH).batch_size == LARGEST_BATCH
    with pytest.raises(ValidationError):
        EnrichmentSettings(batch_size=LARGEST_BATCH + 1)


@pytest.mark.parametrize(
    "wrong", [{"batch_size": 0}, {"accept_confidence": 1.1}, {"accept_confidence": 60}, {"hit_ttl_days": 0}, {"longest_run_minutes": -1}]
)
def test_a_value_out_of_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EnrichmentSettings.model_validate(wrong)
