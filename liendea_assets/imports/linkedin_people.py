"""Who is meant in a file of a LinkedIn export: by profile, else by a name that is unique among the connections."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.model import SourcePart
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.person_names import parse_person_name
from liendea_assets.imports.values import parse_linkedin_id


def of_distinct(frame: pd.DataFrame, column: str, parse: Callable[[str], object]) -> pd.Series:
    """A column of categories, each distinct text parsed once; all missing where the table lacks the column."""
    if column not in frame:
        return pd.Series(None, index=frame.index, dtype=object)
    codes, texts = frame[column].cat.codes.to_numpy(), frame[column].cat.categories
    parsed = np.empty(len(texts), dtype=object)
    parsed[:] = [parse(str(text)) for text in texts]
    return pd.Series(parsed[codes] if len(texts) else None, index=frame.index, dtype=object)


def slug(url: str) -> str | None:
    """The profile that an address shows; None for no address of a profile."""
    try:
        return parse_linkedin_id(url)
    except ValueError:
        return None


def name_key(name: str) -> str | None:
    """A display name without credentials, emoji, accents and case; None when nothing is left."""
    return fold(parse_person_name(name) or "") or None


def connections_of(part: SourcePart, keys: NameKeys) -> pd.DataFrame:
    """The rows of a Connections.csv as others may mean them: `row_number`, `linkedin_id`, `name` and `company` (keys, or missing).

    A row with a fault is none of them: nobody knows which of its cells is what.
    """
    part = part.only(~part.numbers.index.isin(list(part.faults))) if part.faults else part
    fields = part.fields()

    def column(field: str) -> pd.Series:
        return fields[field].fillna("").astype(str) if field in fields else pd.Series("", index=fields.index)

    full = column("first_name").map(_bare) + " " + column("last_name").map(_bare)
    company = column("company_name")
    return pd.DataFrame(
        {
            "row_number": part.numbers,
            "linkedin_id": column("linkedin_id").map(slug).astype(object),
            "name": full.map(lambda name: fold(name) or None).astype(object),
            "company": company.map({name: keys.company(name) or None for name in company.unique()}).astype(object),
        },
        index=fields.index,
    )


def find_rows(people: pd.DataFrame, connections: pd.DataFrame) -> pd.Series:
    """The row of Connections.csv that each person is; missing where none is, or where a name could be several.

    Args:
        people: `linkedin_id` and `name`, one of them known; with a column `company`, name and company must both fit.
        connections: as `connections_of` gives them.
    """
    rows = connections.drop_duplicates(["linkedin_id", "name", "company"])
    by_slug = rows.dropna(subset=["linkedin_id"]).drop_duplicates("linkedin_id").set_index("linkedin_id")["row_number"]
    found = people["linkedin_id"].map(by_slug).astype("Int64")
    on = ["name", "company"] if "company" in people else ["name"]
    # one profile listed twice is one person; two profiles of one name are two
    known = rows.dropna(subset=on)
    several = known.groupby(on)["linkedin_id"].nunique(dropna=False) > 1
    twice = known["linkedin_id"].isna() & known.duplicated(on, keep=False)
    named = known[~twice].drop_duplicates(on).set_index(on)
    named = named[~several.reindex(named.index).to_numpy(dtype=bool)]
    rest = people[found.isna()].dropna(subset=on).reset_index(names="person")
    by_name = rest.merge(named[["row_number", "linkedin_id"]].rename(columns={"linkedin_id": "other"}).reset_index(), on=on)
    # a person with a profile is not the namesake with another one
    by_name = by_name[by_name["linkedin_id"].isna() | by_name["other"].isna()]
    # two profiles of one name: which of them the row is about, nobody knows
    by_name = by_name[by_name.groupby("row_number")["linkedin_id"].transform("nunique") < 2]
    return found.fillna(by_name.set_index("person")["row_number"].astype("Int64"))


def _bare(name: str) -> str:
    return parse_person_name(name) or ""
