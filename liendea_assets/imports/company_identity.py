"""Which rows name one company. Pure and columnar: keys in, a label per row out; the order of rows does not matter."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from liendea_assets.imports.grouping import Ints, combine, with_several
from liendea_assets.imports.identity import DECIDED, Pairs
from liendea_assets.imports.row_keys import hash_words

BY_DOMAIN = "own web address"
BY_OTHER_ROWS = "web address of the same name in other rows"
BY_EMAIL = "domain of the e-mail address"
BY_NAME = "name without legal form"
_REASONS = (BY_DOMAIN, BY_OTHER_ROWS, BY_EMAIL, BY_NAME, DECIDED)


def company_labels(keys: pd.DataFrame, free_mail_domains: Iterable[str], same: Pairs = (), different: Pairs = ()) -> pd.DataFrame:
    """The company of each row: its web address, else the one that its name has elsewhere, else its e-mail's domain, else its name.

    A name that stands for two web addresses says nothing about which of them is meant. An address says less than a web address: it
    may be that of a former employer, so it counts only for names without one.

    Args:
        keys: `company_name`, `company_domain`, `email_domain` (int64, 0 where unknown).
        free_mail_domains: domains that say nothing about the employer.
        same: pairs of positions whose companies a human says are one.
        different: pairs that a human says are two companies.

    Returns:
        Same index; `label` (int64, 0 where the row names no company), `domain` (the hash of the company's domain, 0 if unknown) and
        `evidence`.
    """
    name, own = (keys[column].to_numpy(dtype=np.int64) for column in ("company_name", "company_domain"))
    mail = keys["email_domain"].to_numpy(dtype=np.int64)
    mail = np.where(np.isin(mail, hash_words(list(free_mail_domains))), 0, mail)
    domain, reason = own.copy(), np.zeros(len(keys), dtype=np.int8)
    _fill(domain, reason, _domain_of_name(name, domain), 1)
    # an address alone makes no company: somebody without an employer's name stays without a company
    _fill(domain, reason, np.where((name != 0) & ~np.isin(name, name[domain != 0]), mail, 0), 2)
    _fill(domain, reason, _domain_of_name(name, domain), 1)
    reason[domain == 0] = 3
    label = np.where(domain != 0, combine(domain, np.full_like(domain, 2)), combine(name, np.full_like(name, 3)))
    domain_of = domain.copy()
    label = _part(label, combine(np.where(name == 0, 1, name), np.where(own == 0, 1, own)), different)
    label = _join(label, reason, [pair for pair in same if pair not in set(different)], different)
    return pd.DataFrame(
        {"label": label, "domain": domain_of, "evidence": pd.Categorical.from_codes(reason.astype(np.int64), pd.Index(_REASONS))},
        index=keys.index,
    )


def _fill(domain: Ints, reason: np.ndarray, values: Ints, code: int) -> None:
    is_new = (domain == 0) & (values != 0)
    domain[is_new] = values[is_new]
    reason[is_new] = code


def _domain_of_name(name: Ints, domain: Ints) -> Ints:
    """For each row the domain of its name, where all rows of the name that have one have the same; else 0."""
    known = (name != 0) & (domain != 0)
    several = with_several(name[known], domain[known])
    codes, names = pd.factorize(name)
    only = np.zeros(len(names), dtype=np.int64)
    only[codes[known]] = np.where(several, 0, domain[known])
    return np.asarray(only[codes])


def _part(label: Ints, spelling: Ints, different: Pairs) -> Ints:
    """Takes rows that are spelt like the right side of a decision out of the company of its left side."""
    for left, right in sorted(different):
        if label[left] and label[left] == label[right] and spelling[left] != spelling[right]:
            is_parted = (label == label[right]) & (spelling == spelling[right])
            label = np.where(is_parted, combine(label, np.full_like(label, spelling[right])), label)
    return label


def _join(label: Ints, reason: np.ndarray, same: Sequence[tuple[int, int]], different: Pairs) -> Ints:
    """Makes the companies of decided pairs one, unless another decision says that they are two."""
    for left, right in sorted(same):
        one, other = label[left], label[right]
        if one == other or not one or not other:
            continue
        joined = np.where(label == max(one, other), min(one, other), label)
        if any(joined[first] == joined[second] for first, second in different):
            continue
        reason[(label == one) | (label == other)] = _REASONS.index(DECIDED)
        label = joined
    return label
