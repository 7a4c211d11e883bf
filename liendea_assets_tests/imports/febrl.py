"""The FEBRL data sets as records for `linkage`: how their columns are compared, which records are candidates, and the truth."""

import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import liendea_assets_tests
from liendea_assets.imports.grouping import connected
from liendea_assets.imports.linkage import Comparison, likely_pairs

FOLDER = Path(liendea_assets_tests.__file__).parent / "fixtures" / "febrl"
DATASETS = {3: ("dataset3",), 4: ("dataset4a", "dataset4b")}

COMPARISONS = (
    Comparison("given_name", alternative="surname"),
    Comparison("surname", alternative="given_name"),
    Comparison("street_number", (1.0,)),
    Comparison("address_1"),
    Comparison("address_2"),
    Comparison("suburb"),
    Comparison("postcode", (1.0, 0.9)),
    Comparison("state", (1.0,)),
    Comparison("date_of_birth", (1.0, 0.9, 0.8)),
)
BLOCKS = (
    ("given_name",), ("surname",), ("date_of_birth",), ("postcode",), ("address_1",), ("address_2",), ("suburb",),
    ("postcode", "street_number"), ("suburb", "street_number"),
)  # fmt: skip
SSN = Comparison("soc_sec_id", (1.0, 0.9))


@dataclass(frozen=True, slots=True)
class Quality:
    """How well records were put together, over all pairs."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def load(number: int) -> pd.DataFrame:
    """The records of a data set as text, indexed by position, with the `entity` behind each."""
    frames = []
    for name in DATASETS[number]:
        with gzip.open(FOLDER / f"{name}.csv.gz") as file:
            frame = pd.read_csv(io.BytesIO(file.read()), dtype="str", skipinitialspace=True)
        frames.append(frame.set_axis(frame.columns.str.strip(), axis=1))
    records: pd.DataFrame = pd.concat(frames, ignore_index=True)
    records = records.apply(lambda column: column.str.strip())
    records = records.where(records != "")
    records["entity"] = records["rec_id"].str.extract(r"rec-(\d+)-")[0]
    return records


def link(records: pd.DataFrame, *, with_ssn: bool) -> Quality:
    """Puts records together and compares with the truth."""
    comparisons = (*COMPARISONS, SSN) if with_ssn else COMPARISONS
    blocks = (*BLOCKS, ("soc_sec_id",)) if with_ssn else BLOCKS
    likely = likely_pairs(records, comparisons, blocks)
    joined = likely.probability > 0.5
    label = connected(len(records), likely.left[joined], likely.right[joined])
    return quality(label, records["entity"].to_numpy())


def quality(label: np.ndarray, truth: np.ndarray) -> Quality:
    """Precision and recall over pairs of records with equal labels."""
    frame = pd.DataFrame({"label": label, "truth": truth})
    right, made, true = (_pairs(frame.value_counts(columns)) for columns in (["label", "truth"], ["label"], ["truth"]))
    return Quality(right / made, right / true)


def _pairs(sizes: pd.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
