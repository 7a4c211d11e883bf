"""Which rows are one company, and which are one person. Pure: rows in, a label per row out; the order of rows does not matter."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.settings import ImportSettings


class NameKeys:
    """Spellings that stand for one name: nicknames, word order, accents; legal forms of companies."""

    def __init__(self, settings: ImportSettings) -> None:
        self._given = {fold(short): fold(full) for full, shorts in settings.nicknames.items() for short in shorts}
        self._legal = sorted((fold(form).split() for form in settings.legal_forms), key=len, reverse=True)

    def person(self, full_name: str) -> str:
        """`Liz ÅBERG-Smith` → `aberg elizabeth smith`."""
        return " ".join(sorted(self._given.get(word, word) for word in fold(full_name).split()))

    def company(self, name: str) -> str:
        """`Åberg & Sons, Inc.` → `aberg sons`; a name that is nothing but a legal form stays."""
        words = fold(name).split()
        while True:
            form = next((form for form in self._legal if len(words) > len(form) and words[-len(form) :] == form), None)
            if form is None:
                return " ".join(words)
            words = words[: -len(form)]


def company_keys(rows: pd.DataFrame, keys: NameKeys, free_mail_domains: Iterable[str]) -> pd.Series:
    """The company of each row: its domain, else the domain that its name has elsewhere, else its name.

    Args:
        rows: `company_name`, `company_domain`, `work_email` (text or missing).

    Returns:
        `domain:<domain>` or `name:<key>` per row; missing where a row names no company.
    """
    free = set(free_mail_domains)
    of_email = rows["work_email"].astype(object).str.split("@").str[-1]
    of_email = of_email.where(~of_email.isin(free), None)
    names = rows["company_name"].astype(object)
    key = names.map({name: keys.company(str(name)) for name in names.dropna().unique()}).astype(object)
    # an address says less than a web address: it may be that of a former employer
    domain = rows["company_domain"].astype(object)
    domain = domain.where(domain.notna(), key.map(_domain_of_name(key, domain)))
    domain = domain.where(domain.notna(), of_email.where(~key.isin(set(key[domain.notna()])), None))
    domain = domain.where(domain.notna(), key.map(_domain_of_name(key, domain)))
    return ("domain:" + domain).where(domain.notna(), ("name:" + key).where(key.notna(), None))


def _domain_of_name(key: pd.Series, domain: pd.Series) -> pd.Series:
    """The domain of each name that has only one; a name that stands for two says nothing about which of them is meant."""
    pairs = pd.DataFrame({"key": key, "domain": domain}).dropna().drop_duplicates()
    return pairs.drop_duplicates("key", keep=False).set_index("key")["domain"]


@dataclass(slots=True)
class _Group:
    """Rows that are one person so far, with the strong keys seen."""

    members: list[Hashable]
    slugs: set[str] = field(default_factory=set)
    reach_ids: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)

    def has_other_ids(self, other: "_Group") -> bool:
        """Two people have two profiles or two Reach ids."""
        return len(self.slugs | other.slugs) > 1 or len(self.reach_ids | other.reach_ids) > 1

    def contradicts(self, other: "_Group") -> bool:
        """As `has_other_ids`, or they have no address in common at an employer where both have one."""
        own, others = _by_domain(self.emails), _by_domain(other.emails)
        return self.has_other_ids(other) or any(own[domain].isdisjoint(others[domain]) for domain in own.keys() & others.keys())


Veto = Callable[[_Group, _Group], bool]


class _People:
    """Disjoint sets of rows."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}
        self._groups: dict[Hashable, _Group] = {}

    def add(self, row: Hashable, slug: str | None, reach_id: str | None, email: str | None) -> None:
        self._parent[row] = row
        self._groups[row] = _Group([row], *({key} if key else set() for key in (slug, reach_id, email)))

    def find(self, row: Hashable) -> Hashable:
        while self._parent[row] != row:
            self._parent[row] = self._parent[self._parent[row]]
            row = self._parent[row]
        return row

    def join(self, rows: Sequence[Hashable], veto: Veto | None) -> bool:
        """Makes the rows one person, all or none; none where the veto says so of any two. Returns whether anything was joined."""
        roots = list(dict.fromkeys(self.find(row) for row in rows))
        if len(roots) < 2:
            return False
        total = _Group([])
        for group in (self._groups[root] for root in roots):
            if veto is not None and veto(total, group):
                return False
            total.members += group.members
            total.slugs |= group.slugs
            total.reach_ids |= group.reach_ids
            total.emails |= group.emails
        for root in roots:
            self._parent[root] = roots[0]
            del self._groups[root]
        self._groups[roots[0]] = total
        return True


def person_labels(rows: pd.DataFrame, keys: NameKeys, role_accounts: Iterable[str]) -> pd.DataFrame:
    """Which rows are one person.

    Strong keys first: the profile's slug, the Reach id, then the work e-mail (of a person, not of a desk, and borne by one name).
    Then name and company, where all rows that share them can be one person. Strong keys that contradict each other are never
    joined for a weak reason. A name alone joins nobody: two people called alike are worse as one than one person as two.

    Args:
        rows: index unique; `full_name`, `linkedin_id`, `reach_id`, `work_email`, `company_key`, `place` (text or missing; the file's
            name with sheet and row number, so that a corrected file finds the rows that it corrects).

    Returns:
        Same index; `label` (equal for rows of one person) and `evidence` (why the row is where it is).
    """
    roles = set(role_accounts)
    email = rows["work_email"].astype(object).where(~rows["work_email"].astype(object).str.split("@").str[0].isin(roles), None)
    names = rows["full_name"].astype(object)
    frame = pd.DataFrame(
        {
            "slug": rows["linkedin_id"].astype(object),
            "reach_id": rows["reach_id"].astype(object),
            "email": email,
            "name": names.map({name: keys.person(str(name)) for name in names.unique()}),
            "company": rows["company_key"].astype(object),
            "place": rows["place"].astype(object),
        },
        index=rows.index,
    ).astype(object)
    frame = frame.where(frame.notna(), None)
    people = _People()
    for row, slug, reach_id, address in frame[["slug", "reach_id", "email"]].itertuples(name=None):
        people.add(row, slug, reach_id, address)
    evidence: dict[Hashable, str] = {}
    reasons: tuple[tuple[str, list[str], Veto | None], ...] = (
        ("same LinkedIn profile", ["slug"], None),
        ("same Reach id", ["reach_id"], _Group.contradicts),
        # what was corrected may be the address
        ("same place in a corrected file, and same name", ["place", "name"], _Group.has_other_ids),
        ("same e-mail and name", ["email", "name"], _Group.contradicts),
        ("same name and company", ["name", "company"], _Group.contradicts),
    )
    for reason, columns, veto in reasons:
        for block in _blocks(frame, columns):
            if people.join(block, veto):
                for row in block:
                    evidence.setdefault(row, reason)
    labels = [people.find(row) for row in frame.index]
    return pd.DataFrame({"label": labels, "evidence": [evidence.get(row, "only row") for row in frame.index]}, index=rows.index)


def _blocks(frame: pd.DataFrame, columns: list[str]) -> list[list[Hashable]]:
    """Rows that share all of the columns, in order of the shared values."""
    present = frame.dropna(subset=columns)
    return [list(block.index) for _, block in present.groupby(columns, sort=True) if len(block) > 1]


def _by_domain(emails: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for email in emails:
        found.setdefault(email.rpartition("@")[2], set()).add(email)
    return found
