"""Builders of input, in the shapes that users have: workbooks, LinkedIn exports, rows."""

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from openpyxl import Workbook

GTM_HEADER = (
    "Account Name",
    "Website",
    "Industry",
    "# Employees",
    "YoY Growth",
    "GTM Segment",
    "First Name",
    "Last Name",
    "Job Title",
    "Business Email",
    "LinkedIn Profile",
    "Country",
)
CONNECTIONS_HEADER = ("First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On")
NOTE = ["Notes:", '"When exporting your connection data, you may notice that some of the email addresses are missing."', ""]


def gtm_row(**changed: object) -> list[object]:
    """A row under `GTM_HEADER` about one invented person; name a column by its lower-cased first word to change it."""
    values: dict[str, object] = {
        "account": "Acme Labs Inc.",
        "website": "acmelabs.example",
        "industry": "Software",
        "employees": 620,
        "growth": 0.25,
        "segment": "Mid-Market",
        "first": "Robin",
        "last": "Weaver",
        "title": "VP Sales",
        "email": "robin.weaver@acmelabs.example",
        "linkedin": "https://www.linkedin.com/in/robin-weaver",
        "country": "US",
    }
    unknown = changed.keys() - values.keys()
    assert not unknown, unknown
    return list((values | changed).values())


def make_workbook(
    path: Path, rows: Sequence[Sequence[object]], header: Sequence[str] = GTM_HEADER, above: int = 0, sheet: str = "Data"
) -> Path:
    """An XLSX file; `above` lines of a title stand above the header."""
    workbook = Workbook()
    worksheet = workbook.active
    assert worksheet is not None
    worksheet.title = sheet
    for line in range(above):
        worksheet.append([f"GTM segmentation, line {line}"])
    worksheet.append(list(header))
    for row in rows:
        worksheet.append(list(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)
    return path


def connection(**changed: str) -> list[str]:
    """A row under `CONNECTIONS_HEADER` about the same invented person as `gtm_row`."""
    values = {
        "first": "Robin",
        "last": "Weaver",
        "url": "https://www.linkedin.com/in/robin-weaver",
        "email": "",
        "company": "Acme Labs",
        "position": "VP Sales",
        "connected": "08 Feb 2026",
    }
    unknown = changed.keys() - values.keys()
    assert not unknown, unknown
    return list((values | changed).values())


def csv_text(rows: Sequence[Sequence[str]], delimiter: str = ",", newline: str = "\n") -> str:
    """Rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return out.getvalue()


def connections_csv(rows: Sequence[Sequence[str]], header: Sequence[str] = CONNECTIONS_HEADER, above: Sequence[str] = NOTE) -> str:
    """A Connections.csv with the lines that LinkedIn puts above the header."""
    return "".join(line + "\n" for line in above) + csv_text([header, *rows])


def make_export(path: Path, connections: str, owner: tuple[str, str] | None = ("Alex", "Morgan"), **members: str) -> Path:
    """A LinkedIn export ZIP; further members by name without `.csv`, such as `messages`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Connections.csv", connections)
        if owner is not None:
            archive.writestr("Profile.csv", csv_text([("First Name", "Last Name", "Maiden Name"), (*owner, "")]))
        for name, text in members.items():
            archive.writestr(f"{name}.csv", text)
    return path


def scoring_contacts(*rows: dict[str, object]) -> pd.DataFrame:
    """Contacts as the scoring rules take them; what a row does not name is unknown."""
    columns = ("employee_count", "industry", "title", "growth_rate", "connection_strength")
    frame = pd.DataFrame([{name: row.get(name) for name in columns} for row in rows], columns=list(columns), dtype=object)
    frame.insert(0, "contact_id", range(1, len(rows) + 1))
    return frame.astype({"employee_count": "Int64", "growth_rate": "Float64", "connection_strength": "Float64"})
