"""How a spreadsheet's cell is written as text; the same here and in the process that parses workbooks, so nothing heavy is imported."""

import math
from datetime import datetime, time


def cell_text(cell: object) -> str | None:
    """A cell as a spreadsheet shows it at its plainest; None for a cell of nothing but blanks.

    1200 for 1200.0, dates as ISO 8601, TRUE and FALSE.
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    text = str(cell)
    return text if text.strip() else None
