"""What identity compares of a landed row, as 64-bit hashes: equal where the compared values are, 0 where there is none.

A million rows are 80 MB of integers, compared without touching their text. Two different values share a hash about once in
thirty million such imports.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.settings import ImportSettings

# `email` only of a person, never of a desk; `place` is file, part and row number.
KEY_COLUMNS = ("slug", "reach_id", "email", "email_domain", "name", "short_name", "company_name", "company_domain", "place")
# Beside the keys: the company's name as it is spelt, the row's hash, and which of `VALUE_FIELDS` the row fills, a bit for each.
STORED_COLUMNS = (*KEY_COLUMNS, "spelling", "row_hash", "filled")
VALUE_FIELDS = (
    "reach_id", "full_name", "first_name", "last_name", "title", "industry", "country", "employee_count", "revenue_range", "growth_rate",
    "gtm_segment", "company_name", "linkedin_id",
)  # fmt: skip
# Counted up when the code of this module or of name_keys changes a key.
_CODE_VERSION = 2


def make_keys(rows: pd.DataFrame, settings: ImportSettings, names: NameKeys | None = None) -> pd.DataFrame:
    """`STORED_COLUMNS` (int64) with the index of the rows.

    Args:
        rows: `full_name`, `linkedin_id`, `reach_id`, `work_email`, `company_name`, `company_domain`, `place` (text or missing; a
            column may be absent), `row_hash`, and `VALUE_FIELDS` as they land.
        names: of the settings, where several calls share it.
    """
    names = names or NameKeys(settings)

    def text(column: str) -> pd.Series:
        return rows[column].astype("str") if column in rows else pd.Series(None, index=rows.index, dtype="str")

    email, full_name = text("work_email"), text("full_name")
    account, domain = email.str.replace(r"@.*$", "", regex=True), email.str.replace(r"^.*@", "", regex=True)
    people, short = names.people(full_name)
    values = {
        "slug": text("linkedin_id").str.lower(),
        "reach_id": text("reach_id"),
        "email": email.where(~account.isin(set(settings.role_accounts))),
        "email_domain": domain,
        "name": people,
        "short_name": short,
        "company_name": names.companies(text("company_name")),
        "company_domain": text("company_domain"),
        "place": text("place"),
    }
    keys = {name: hash_text(values[name]) for name in KEY_COLUMNS}
    keys["spelling"] = hash_text(text("company_name"))
    keys["row_hash"] = rows["row_hash"].fillna(0).to_numpy(dtype=np.int64) if "row_hash" in rows else np.zeros(len(rows), dtype=np.int64)
    keys["filled"] = np.zeros(len(rows), dtype=np.int64)
    for place, name in enumerate(VALUE_FIELDS):
        if name in rows:
            keys["filled"] |= rows[name].notna().to_numpy().astype(np.int64) << place
    return pd.DataFrame(keys, index=rows.index)


def fills(keys: pd.DataFrame, field: str) -> npt.NDArray[np.bool_]:
    """Which rows have a value of one of `VALUE_FIELDS`."""
    return np.asarray((keys["filled"].to_numpy(dtype=np.int64) >> VALUE_FIELDS.index(field)) & 1, dtype=bool)


def keys_version(settings: ImportSettings) -> str:
    """Changes with everything that a key depends on."""
    parts = (
        _CODE_VERSION,
        STORED_COLUMNS,
        VALUE_FIELDS,
        sorted(settings.role_accounts),
        sorted(settings.legal_forms),
        sorted(settings.leading_legal_forms),
        sorted(settings.company_words.items()),
        sorted(settings.nicknames.items()),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def hash_text(column: pd.Series) -> npt.NDArray[np.int64]:
    """A hash per value, the same on every machine; 0 for a missing one."""
    texts = column.astype("str")
    is_missing = texts.isna().to_numpy()
    hashes = pd.util.hash_array(texts.where(~is_missing, "").to_numpy(dtype=object), categorize=False).view(np.int64)
    hashes = np.where(hashes == 0, 1, hashes)
    hashes[is_missing] = 0
    return hashes


def hash_words(words: Sequence[str]) -> npt.NDArray[np.int64]:
    """As `hash_text`, of a list."""
    return hash_text(pd.Series(list(words), dtype="str"))


def hash_rows(fields: pd.DataFrame) -> npt.NDArray[np.int64]:
    """A hash per row over its fields' text, whatever order the columns stand in."""
    if fields.empty:
        return np.zeros(len(fields), dtype=np.int64)
    columns = [pa.array(fields[name].astype("str"), type=pa.large_string()) for name in sorted(fields.columns)]
    mark = pa.scalar("\x1f", pa.large_string())
    joined = pc.binary_join_element_wise(*columns, mark, null_handling="replace", null_replacement="\x00")
    return pd.util.hash_array(joined.to_numpy(zero_copy_only=False), categorize=False).view(np.int64)


def pack_keys(row_ids: pd.Series, keys: pd.DataFrame) -> bytes:
    """Row ids and keys as bytes: little-endian int64, column after column."""
    columns = [row_ids.to_numpy(dtype="<i8"), *(keys[name].to_numpy(dtype="<i8") for name in STORED_COLUMNS)]
    return b"".join(column.tobytes() for column in columns)


def unpack_keys(packed: bytes) -> pd.DataFrame:
    """`row_id` and `STORED_COLUMNS`."""
    columns = np.frombuffer(packed, dtype="<i8").reshape(1 + len(STORED_COLUMNS), -1)
    return pd.DataFrame(dict(zip(("row_id", *STORED_COLUMNS), columns, strict=True)))
