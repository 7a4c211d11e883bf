"""What a workbook may cost to read; `workbook_limits` in imports.yaml."""

from pydantic import Field

from liendea_assets.core.settings import Settings


class WorkbookLimits(Settings):
    """The limits of the process that parses one workbook.

    Attributes:
        memory_mib: memory at its peak, the interpreter and its libraries (about 120 MiB) included.
        seconds: time on the clock, from start to the last cell.
    """

    memory_mib: int = Field(default=512, ge=192, le=16_384)
    seconds: float = Field(default=8.0, gt=0, le=3600)
