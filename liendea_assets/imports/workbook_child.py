"""The process that parses one workbook: `python -m liendea_assets.imports.workbook_child`, started by guarded_reading.py.

It limits itself before it opens anything, writes each sheet to standard output as an Arrow stream, and ends. Whatever happens to
it happens to nobody else.
"""

import json
import os
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from liendea_assets.core.errors import UnreadableFile

if TYPE_CHECKING:
    import pyarrow as pa

    from liendea_assets.imports.workbook_parts import Sheet

# exit codes; any other one is a death
REFUSED, NO_MEMORY = 3, 4
# stands before the peak of memory (KiB) in the last words
PEAK_MARK = "\x1e"

# the interpreter's and Arrow's code, which the system shares between processes and does not count as their data
SHARED_CODE_MIB = 80
MIB = 1024 * 1024
_MOST_OPEN_FILES = 64
# nothing is written to disk but the last words on standard error
_LARGEST_WRITTEN = MIB


def main(arguments: list[str]) -> int:
    """Reads the workbook `arguments[0]` as the JSON in `arguments[1]` says.

    Its keys: memory_mib, seconds, search_rows, by_rows (openpyxl instead of calamine).
    """
    path, options = Path(arguments[0]), json.loads(arguments[1])
    limit_resources(options["memory_mib"], options["seconds"])
    # what a library prints must not land between the tables
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        try:
            write_sheets(path, out, options["search_rows"], by_rows=options["by_rows"])
        except UnreadableFile as reason:
            print(reason, file=sys.stderr)  # noqa: T201 the parent reads it there
            return REFUSED
        except MemoryError:
            return NO_MEMORY
        finally:
            _tell_peak()
    return 0


def _tell_peak() -> None:
    """Writes the most memory that this process has held, where the system tells it.

    What the parent learns when it waits is of no use: there Linux counts what the parent itself held when it started the child.
    """
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), "")
        print(f"{PEAK_MARK}{peak}", file=sys.stderr)  # noqa: T201 the parent reads it there


def limit_resources(memory_mib: int, seconds: float) -> None:
    """Memory, CPU, open files and written bytes; where the system has no such limits (Windows), time alone, by the parent."""
    with suppress(ImportError):
        import resource

        data = (memory_mib - SHARED_CODE_MIB) * MIB
        limits = {
            resource.RLIMIT_DATA: data,
            resource.RLIMIT_CPU: int(seconds) + 1,
            resource.RLIMIT_NOFILE: _MOST_OPEN_FILES,
            resource.RLIMIT_FSIZE: _LARGEST_WRITTEN,
            resource.RLIMIT_CORE: 0,
        }
        for limit, value in limits.items():
            # some systems do not take all of them
            with suppress(ValueError, OSError):
                resource.setrlimit(limit, (value, value))


def write_sheets(path: Path, out: BinaryIO, search_rows: int, *, by_rows: bool) -> None:
    """Each sheet as one Arrow stream, its name and state as JSON in the schema's metadata; hidden sheets and charts have no columns,
    but for `ORIGIN_SHEET`.

    Raises:
        UnreadableFile: with the reason.
    """
    from liendea_assets.imports.workbook_parts import check_parts, list_sheets

    try:
        with zipfile.ZipFile(path) as archive:
            sheets = list_sheets(archive)
            check_parts(archive)
    except (UnreadableFile, MemoryError):
        raise
    except Exception as error:
        raise UnreadableFile(f"the workbook is damaged ({type(error).__name__} while opening it)") from error
    try:
        with zipfile.ZipFile(path) as archive:
            write = _write_by_rows if by_rows else _write_rectangles
            write(path, archive, sheets, out, search_rows)
    except (UnreadableFile, MemoryError, BrokenPipeError):
        raise
    except Exception as error:
        # calamine and openpyxl answer broken parts with whatever their parsers met
        raise UnreadableFile(f"the workbook is damaged ({type(error).__name__} while reading its cells)") from error


def _write_rectangles(path: Path, archive: zipfile.ZipFile, sheets: "list[Sheet]", out: BinaryIO, search_rows: int) -> None:
    import fastexcel

    from liendea_assets.imports.workbook_cells import read_rectangle
    from liendea_assets.imports.workbook_parts import ORIGIN_SHEET, scan_part

    reader = fastexcel.read_excel(path)
    for sheet in sheets:
        if sheet.path and (sheet.is_visible or sheet.name == ORIGIN_SHEET):
            oddities = scan_part(archive, sheet.path, b"worksheet")
            _write(out, sheet, read_rectangle(reader, archive, sheet, oddities, search_rows))
        elif sheet.path:
            _write(out, sheet, None)


def _write_by_rows(path: Path, archive: zipfile.ZipFile, sheets: "list[Sheet]", out: BinaryIO, search_rows: int) -> None:
    from openpyxl import load_workbook

    from liendea_assets.imports.workbook_cells import read_rows
    from liendea_assets.imports.workbook_parts import ORIGIN_SHEET, scan_part

    for sheet in sheets:
        if sheet.path and (sheet.is_visible or sheet.name == ORIGIN_SHEET):
            scan_part(archive, sheet.path, b"worksheet")
    # opened here, because openpyxl leaves a file open whose parts it cannot read
    with path.open("rb") as file:
        workbook = load_workbook(file, read_only=True, data_only=True)
        try:
            with_cells = [sheet for sheet in sheets if sheet.path]
            for sheet, worksheet in zip(with_cells, workbook.worksheets, strict=True):
                is_read = sheet.is_visible or sheet.name == ORIGIN_SHEET
                _write(out, sheet, read_rows(worksheet, search_rows) if is_read else None)
        finally:
            workbook.close()


def _write(out: BinaryIO, sheet: "Sheet", table: "pa.Table | None") -> None:
    import pyarrow as pa

    table = pa.table({}) if table is None else table
    about = json.dumps({"name": sheet.name, "is_visible": sheet.is_visible, "rows": table.num_rows})
    schema = table.schema.with_metadata({"sheet": about})
    with pa.ipc.new_stream(out, schema) as stream:
        stream.write_table(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
