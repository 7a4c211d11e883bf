import pandas as pd

from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.tables import find_table


def test_a_grid_of_text_is_a_table_below_its_header_and_blank_rows_inside_are_counted(import_settings: ImportSettings) -> None:
    rows = [
        ["People", None, None],
        ["Name", "Job Title", "Account"],
        ["Robin", "VP", None],
        [" ", None, ""],
        ["Ann", None, "Acme"],
        [None] * 3,
    ]
    grid = pd.DataFrame(rows, columns=range(3), dtype="str")

    part = find_table("Data", grid, import_settings)

    assert part is not None
    assert (part.header, list(part.numbers), part.blank) == (("Name", "Job Title", "Account"), [3, 5], 1)
    assert list(part.fields()["full_name"]) == ["Robin", "Ann"]
    assert find_table("Data", grid.iloc[2:].reset_index(drop=True), import_settings) is None
