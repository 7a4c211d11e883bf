import pytest
from pydantic import ValidationError

from liendea_assets.core.home import default_config
from liendea_assets.core.settings import load_file
from liendea_assets.enrichment.settings import EnrichmentSettings


def test_the_shipped_file_says_what_holds_without_it() -> None:
    assert load_file(EnrichmentSettings, default_config() / "enrichment.yaml") == EnrichmentSettings()


def test_batches_are_as_large_as_providers_allow_unless_they_are_capped() -> None:
    assert EnrichmentSettings().batch_size is None


@pytest.mark.parametrize(
    "wrong", [{"batch_size": 0}, {"accept_confidence": 1.1}, {"accept_confidence": 60}, {"hit_ttl_days": 0}, {"longest_run_minutes": -1}]
)
def test_a_value_out_of_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EnrichmentSettings.model_validate(wrong)
