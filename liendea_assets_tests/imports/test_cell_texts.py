from datetime import datetime

import pytest

from liendea_assets.imports.cell_texts import cell_text
from liendea_assets.imports.headers import to_part


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, None),
        (" \t", None),
        (float("nan"), None),
        (1200.0, "1200"),
        (0.25, "0.25"),
        (True, "TRUE"),
        (False, "FALSE"),
        (1, "1"),
        (datetime(2026, 2, 8), "2026-02-08"),
        (datetime(2026, 2, 8, 9, 30), "2026-02-08 09:30:00"),
        (" Weaver ", " Weaver "),
    ],
)
def test_a_cell_becomes_its_plainest_text(cell: object, text: str | None) -> None:
    assert cell_text(cell) == text


def test_a_table_holds_the_same_spelling() -> None:
    part = to_part("Data", ["Name", True], [(2, ["Robin", False])], {0: "full_name"})

    assert (part.header[1], part.cells[1][0]) == ("TRUE", "FALSE")
