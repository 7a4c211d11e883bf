"""Pages of a LinkedIn snapshot that are kept until all of it is there: at a hundred calls a day, a stop must not start anew."""

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from liendea_assets.core.clock import from_text

# Pages from longer apart than this are no picture of one network any more.
KEPT_DAYS = 30

_PAGE = re.compile(r"([A-Z]+)-(\d{5})\.json")


class KeptPage(BaseModel):
    """A page, cut down to the columns that the import reads.

    Attributes:
        rows: cells in the order of `columns`.
        next_link: of the page after it; None where the domain ends here.
        is_absent: LinkedIn holds nothing of this domain.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    columns: list[str]
    rows: list[list[str]]
    next_link: str | None
    kept_at: str
    is_absent: bool = False


class KeptPages:
    """The pages of one account.

    Args:
        folder: of this account alone; made private, and deleted when the snapshot is whole.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def drop_outdated(self, now: datetime) -> None:
        """Drops everything when any page is too old to stand beside new ones."""
        oldest = min((from_text(page.kept_at) for path in self._paths() if (page := _read(path))), default=now)
        if now - oldest > timedelta(days=KEPT_DAYS):
            self.drop()

    def read(self, domain: str, columns: Sequence[str]) -> list[KeptPage]:
        """A domain's pages from the first on. Reading ends at one that is missing, damaged, or of other columns."""
        pages: list[KeptPage] = []
        while (page := _read(self._path(domain, len(pages) + 1))) is not None and page.columns == list(columns):
            pages.append(page)
            if page.next_link is None:
                break
        return pages

    def keep(self, domain: str, number: int, page: KeptPage) -> None:
        """Writes a page, whole or not at all; 1 is the first."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            self._folder.chmod(0o700)
        descriptor, draft = tempfile.mkstemp(dir=self._folder, prefix=".draft-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(page.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self._path(domain, number))

    def drop(self) -> None:
        """Deletes all pages of the account."""
        dropped = self._folder.with_name(f".dropped-{self._folder.name}")
        if dropped.exists():
            shutil.rmtree(dropped)
        if self._folder.exists():
            # all at once: a kill half-way through must leave no later pages behind, which a new first page would lead to
            self._folder.rename(dropped)
            shutil.rmtree(dropped)

    def _paths(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if _PAGE.fullmatch(path.name)] if self._folder.is_dir() else []

    def _path(self, domain: str, number: int) -> Path:
        return self._folder / f"{domain}-{number:05d}.json"


def _read(path: Path) -> KeptPage | None:
    try:
        page = KeptPage.model_validate_json(path.read_bytes())
        from_text(page.kept_at)
    except (FileNotFoundError, ValidationError, ValueError):
        return None
    return page if all(len(row) == len(page.columns) for row in page.rows) else None
