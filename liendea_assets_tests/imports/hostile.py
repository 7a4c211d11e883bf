"""Files that people have, and files that somebody built to do harm: each made by code, `HOSTILE[name](folder)`."""

import io
import os
import re
import socket
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from liendea_assets_tests.builders import GTM_HEADER, connection, connections_csv, gtm_row, make_export, make_workbook
from liendea_assets_tests.imports.broken_archives import break_content, break_directory, claim_sizes, mark_encrypted

MIB = 1024 * 1024
SHEET, BOOK, RELATIONS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2048
CSV = connections_csv([connection(), connection(first="José", url="https://www.linkedin.com/in/jose")])
TABLE = "First Name,Last Name,Job Title,Account Name\r\nRobin,Weaver,VP,Acme\r\nJosé,Muñoz,CTO,Acme\r\n"

Maker = Callable[[Path], object]


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, content: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def text(content: str | bytes, name: str = "a.csv", encoding: str = "utf-8") -> Maker:
    return lambda folder: (folder / name).write_bytes(content.encode(encoding) if isinstance(content, str) else content)


def book(folder: Path, name: str = "a.xlsx") -> Path:
    return make_workbook(folder / name, [gtm_row(), gtm_row(first="Ann", linkedin=None, email=None)])


def changed(member: str, change: Callable[[bytes], bytes]) -> Maker:
    """A workbook one part of which is another; an empty answer leaves the part out."""

    def make(folder: Path) -> None:
        content = members(book(folder))
        before = content.pop(member)
        after = change(before)
        assert after != before
        pack(folder / "a.xlsx", content | ({member: after} if after else {}))

    return make


def added(extra: Mapping[str, bytes]) -> Maker:
    return lambda folder: pack(folder / "a.xlsx", members(book(folder)) | dict(extra))


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda xml: xml.replace(old, new, 1)


def cut(share: float, name: str = "a.xlsx") -> Maker:
    def make(folder: Path) -> None:
        path = book(folder) if name.endswith("x") else make_export(folder / name, CSV)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return make


def rows(more: bytes) -> Maker:
    return changed(SHEET, replaced(b"</sheetData>", more + b"</sheetData>"))


def doctype(declaration: bytes, member: str = SHEET) -> Maker:
    return changed(member, lambda xml: b'<?xml version="1.0"?>' + declaration + re.sub(rb"^<\?xml.*?\?>", b"", xml))


def written(fill: Callable[[Workbook], object]) -> Maker:
    def make(folder: Path) -> None:
        workbook = Workbook()
        assert workbook.active is not None
        workbook.active.append(list(GTM_HEADER))
        workbook.active.append(gtm_row())
        fill(workbook)
        workbook.save(folder / "a.xlsx")

    return make


def dated_1904(workbook: Workbook) -> None:
    workbook.epoch = CALENDAR_MAC_1904
    workbook.create_sheet("More").append(["Name", "Title", "Company", datetime(2026, 2, 8)])


def wide(workbook: Workbook) -> None:
    assert workbook.active is not None
    for column in range(len(GTM_HEADER) + 1, 16_385):
        workbook.active.cell(1, column, f"column {column}")


def merged_header(workbook: Workbook) -> None:
    sheet = workbook.create_sheet("Merged")
    sheet.append(["Person", None, None, "Firm"])
    sheet.merge_cells("A1:C1")
    sheet.append(["First Name", "Last Name", "Job Title", "Account Name"])
    sheet.append(["Robin", "Weaver", "VP", "Acme"])


def fill_formula(workbook: Workbook) -> None:
    assert workbook.active is not None
    workbook.active.append(["=1+1", *gtm_row()[1:]])


def strict(folder: Path) -> None:
    content = members(book(folder))
    pairs = {
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    }
    for old, new in pairs.items():
        content = {name: data.replace(old, new) for name, data in content.items()}
    pack(folder / "a.xlsx", content)


def nested(folder: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.csv", b"0" * (20 * MIB))
    pack(folder / "a.zip", {f"{number}.zip": inner.getvalue() for number in range(20)})


def overlapping(folder: Path) -> None:
    """A thousand directory entries that share one packed stream, each of 10 MiB."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = compressor.compress(b"0" * (10 * MIB)) + compressor.flush()
    name = b"Connections.csv"
    fields = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, 0, len(packed), 10 * MIB)
    local = b"PK\x03\x04" + fields + struct.pack("<HH", len(name), 0) + name + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1000, 1000, 1000 * len(entry), len(local), 0)
    (folder / "a.zip").write_bytes(local + entry * 1000 + end)


def shared_strings(folder: Path) -> None:
    """Many cells, each of which shows one long string."""
    content = members(book(folder))
    content["xl/sharedStrings.xml"] = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%s</t></si></sst>'
        % os.urandom(250_000).hex().encode()
    )
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(4, 10_000))
    content[SHEET] = content[SHEET].replace(b"</sheetData>", cells + b"</sheetData>")
    pack(folder / "a.xlsx", content)


def with_link_entry(folder: Path) -> None:
    link = zipfile.ZipInfo("Connections.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")


def make_socket(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        # the path of a socket holds 107 bytes
        os.chdir(folder)
        try:
            listener.bind("a.csv")
        finally:
            os.chdir(here)


def unreadable(folder: Path) -> None:
    book(folder).chmod(0)


def sparse(folder: Path) -> None:
    with (folder / "a.csv").open("wb") as file:
        file.truncate(600 * MIB)


def looping_folder(folder: Path) -> None:
    (folder / "loop").symlink_to(folder, target_is_directory=True)


LAUGHS = b'<!DOCTYPE w [<!ENTITY a "ha">' + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a;" * 10) for n in range(10)) + b"]>"
XXE = b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

# Neither a file of ours nor one that may be opened: nothing of them is recorded.
NO_FILES: dict[str, Maker] = {
    "fifo": lambda folder: os.mkfifo(folder / "a.csv"),
    "symbolic link": lambda folder: (folder / "a.csv").symlink_to("/etc/passwd"),
    "dangling link": lambda folder: (folder / "a.xlsx").symlink_to(folder / "nowhere"),
    "link to itself": lambda folder: (folder / "a.xlsx").symlink_to(folder / "a.xlsx"),
    "looping folder": looping_folder,
    "socket": make_socket,
    "folder named like a workbook": lambda folder: (folder / "a.xlsx").mkdir(),
    "hidden file": text(CSV, ".a.csv"),
    "lock file": text(b"\x05Robin", "~$a.xlsx"),
}
TEXTS: dict[str, Maker] = {
    "utf-8": text(CSV),
    "utf-8 with BOM": text(CSV, encoding="utf-8-sig"),
    "utf-16": text(CSV, encoding="utf-16"),
    "utf-16 big endian": text(b"\xfe\xff" + CSV.encode("utf-16-be")),
    "utf-16 cut in a character": text(CSV.encode("utf-16")[:-1]),
    "utf-16 without BOM": text(CSV, encoding="utf-16-le"),
    "cp1252": text(CSV, encoding="cp1252"),
    "cp437": text(CSV, encoding="cp437"),
    "shift-jis": text(connections_csv([connection(first="太郎")]), encoding="shift-jis"),
    "semicolons": text(CSV.replace(",", ";")),
    "tabs": text(CSV.replace(",", "\t")),
    "pipes": text(TABLE.replace(",", "|")),
    "GTM table": text(TABLE),
    "open quote": text(CSV + '"Robin,Weaver\n'),
    "stray quotes": text(TABLE + 'Ro"bin,"We"aver,VP,Acme\r\n'),
    "NUL": text(CSV.replace("Robin", "Ro\0bin")),
    "only NUL": text(b"\0" * 5000),
    "huge field": text(CSV + connections_csv([connection(position="x" * 20 * MIB)]).splitlines()[-1] + "\n"),
    "line of 50 MB": text(b"x" * 50_000_000),
    "50 MB of commas": text(b"," * 50_000_000),
    "CR only": text(CSV.replace("\r\n", "\n").replace("\n", "\r")),
    "mixed newlines": text(TABLE + "A,B,C,D\nE,F,G,H\rI,J,K,L\r\n"),
    "empty csv": text(b""),
    "only a BOM": text(b"\xef\xbb\xbf"),
    "json named csv": text('{"people": [{"name": "Robin"}]}'),
    "html named csv": text("<html><table><tr><td>Name</td></tr></table></html>"),
    "without header": text("Robin,Weaver,x,y,z,1\n" * 5),
    "rows of many lengths": text(TABLE + "A\r\nB,C,D,E,F,G,H,I,J\r\n\r\n,,,\r\n"),
    "sparse file of 600 MiB": sparse,
    "name with newline": text(CSV, "a\nb.csv"),
    "name with emoji": text(CSV, "😀.csv"),
    "name with dash": text(CSV, "-rf.csv"),
    "long name": text(CSV, "a" * 251 + ".csv"),
    "name of no encoding": lambda folder: (folder / os.fsdecode(b"a\xff.csv")).write_text(CSV),
}
ARCHIVES: dict[str, Maker] = {
    "two Connections.csv": lambda folder: pack(folder / "a.zip", {"Connections.csv": CSV.encode(), "b/Connections.csv": CSV.encode()}),
    "Connections.csv without header": lambda folder: pack(folder / "a.zip", {"Connections.csv": b"Robin,Weaver\n"}),
    "archive of nothing": lambda folder: pack(folder / "a.zip", {}),
    "archive cut early": cut(0.1, "a.zip"),
    "archive cut late": cut(0.95, "a.zip"),
    "archive with a wrong directory": lambda folder: break_directory(make_export(folder / "a.zip", CSV)),
    "archive with wrong content": lambda folder: break_content(make_export(folder / "a.zip", CSV), b"Connections.csv"),
    "archive with a password": lambda folder: mark_encrypted(make_export(folder / "a.zip", CSV)),
    "flat bomb": lambda folder: pack(folder / "a.zip", {"Connections.csv": b"0" * (190 * MIB)}),
    "nested bomb": nested,
    "overlapping bomb": overlapping,
    "bomb that lies": lambda folder: claim_sizes(pack(folder / "a.zip", {"Connections.csv": b"0" * (64 * MIB)}), 65_000, 100),
    "3,000 members": lambda folder: pack(folder / "a.zip", {f"{number}.csv": b"x" for number in range(3000)}),
    "paths out of the folder": lambda folder: pack(folder / "a.zip", {"../../Connections.csv": CSV.encode(), "/etc/x.csv": b"x"}),
    "link in the archive": with_link_entry,
}
WORKBOOKS: dict[str, Maker] = {
    "empty workbook": text(b"", "a.xlsx"),
    "workbook cut at the start": cut(0.01),
    "workbook cut in the middle": cut(0.5),
    "workbook cut at the end": cut(0.99),
    "protected by a password": text(OLE, "a.xlsx"),
    "xls renamed": text(OLE, "b.xlsx"),
    "picture renamed": text(b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "a.xlsx"),
    "encrypted members": lambda folder: mark_encrypted(book(folder)),
    "ods": lambda folder: pack(folder / "a.ods", {"mimetype": b"application/vnd.oasis", "content.xml": b"<x/>"}),
    "xlsb": lambda folder: pack(folder / "a.xlsb", {"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"x"}),
    "docx renamed": lambda folder: pack(folder / "a.xlsx", {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
    "strict": strict,
    "1904 dates": written(dated_1904),
    "formula without value": written(fill_formula),
    "merged header": written(merged_header),
    "16,384 columns": written(wide),
    "far cell": rows(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "cell beyond the sheet": rows(b'<row r="1048577"><c r="XFE1048577"><v>1</v></c></row>'),
    "a million empty rows": rows(b"".join(b'<row r="%d"/>' % row for row in range(4, 1_000_000))),
    "row number 0": rows(b'<row r="0"><c r="A0"><v>1</v></c></row>'),
    "negative row number": rows(b'<row r="-5"><c r="A-5"><v>1</v></c></row>'),
    "huge row number": rows(b'<row r="99999999999999999999"><c r="A99999999999999999999"><v>1</v></c></row>'),
    "row numbers that go back": rows(b'<row r="1"><c r="A1"><v>1</v></c></row>'),
    "shared strings bomb": shared_strings,
    "shared string that is not there": rows(b'<row r="9"><c r="A9" t="s"><v>999999</v></c></row>'),
    "xxe": doctype(XXE),
    "xxe in the workbook": doctype(XXE, BOOK),
    "billion laughs": doctype(LAUGHS),
    "billion laughs in the styles": doctype(LAUGHS, "xl/styles.xml"),
    "without workbook.xml": changed(BOOK, lambda xml: b""),
    "without its sheet": changed(SHEET, lambda xml: b""),
    "without relations": changed(RELATIONS, lambda xml: b""),
    "relations to nowhere": changed(RELATIONS, lambda xml: xml.replace(b"sheet1.xml", b"sheet9.xml")),
    "relations that lead out": changed(RELATIONS, lambda xml: xml.replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd")),
    "relations in a circle": changed(RELATIONS, lambda xml: re.sub(rb"/?(?:xl/)?worksheets/sheet1\.xml", b"/xl/workbook.xml", xml)),
    "wrong content types": changed("[Content_Types].xml", lambda xml: xml.replace(b"worksheet+xml", b"chart+xml")),
    "two sheets of one name": changed(BOOK, lambda xml: re.sub(rb"(<sheet [^>]*/>)", rb"\1\1", xml)),
    "styles cut off": changed("xl/styles.xml", lambda xml: xml[:200]),
    "deeply nested": rows(b"<a>" * 100_000 + b"</a>" * 100_000),
    "members out of the folder": added({"../../evil.xml": b"<x/>", "/etc/evil.xml": b"<x/>"}),
    "3,000 parts": added({f"xl/media/{number}.png": b"x" for number in range(3000)}),
    "bomb in a part": added({"xl/media/a.png": b"0" * (180 * MIB)}),
    "not readable by anybody": unreadable,
}
HOSTILE: dict[str, Maker] = NO_FILES | TEXTS | ARCHIVES | WORKBOOKS
