"""The Wilson score interval of a share: honest with few cases, and never outside 0 and 1."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# of the normal distribution, for 95 % (two-sided)
Z_95 = 1.959963984540054


def wilson_interval(positive: npt.ArrayLike, count: npt.ArrayLike, z: float = Z_95) -> tuple[Floats, Floats]:
    """The lower and upper ends (E. B. Wilson 1927, without continuity correction); 0 to 1 where there are no cases."""
    hits, cases = np.asarray(positive, dtype=float), np.asarray(count, dtype=float)
    share = np.divide(hits, cases, out=np.full(cases.shape, 0.5), where=cases > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1 + z * z / cases
        middle = (share + z * z / (2 * cases)) / scale
        half = z / scale * np.sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases))
    low = np.where(cases > 0, np.where(hits == 0, 0.0, middle - half), 0.0)
    high = np.where(cases > 0, np.where(hits == cases, 1.0, middle + half), 1.0)
    return low.clip(0, 1), high.clip(0, 1)
