import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from liendea_assets.scoring.wilson import wilson_interval


@pytest.mark.parametrize(
    ("positive", "count", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (8, 10, 0.4902, 0.9433),
        (20, 20, 0.8389, 1.0000),
    ],
)
def test_interval_is_that_of_the_literature(positive: int, count: int, low: float, high: float) -> None:
    found = [float(end) for end in wilson_interval(positive, count)]
    assert found == pytest.approx([low, high], abs=5e-5)


def test_no_cases_tell_nothing() -> None:
    assert [float(end) for end in wilson_interval(0, 0)] == [0.0, 1.0]


@hypothesis_settings(max_examples=10)
@given(st.integers(1, 500), st.data())
def test_interval_holds_the_share_and_mirrors(count: int, data: st.DataObject) -> None:
    positive = data.draw(st.integers(0, count))
    low, high = wilson_interval(positive, count)
    assert 0 <= low <= positive / count <= high <= 1
    mirrored = wilson_interval(count - positive, count)
    assert np.allclose([1 - mirrored[1], 1 - mirrored[0]], [low, high])
