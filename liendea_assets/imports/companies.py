"""From landed rows to companies: the rows concerned, who is who, ids that stay, surviving values; written in one transaction."""

import hashlib

import numpy as np
import pandas as pd

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.db.bulk_load import bulk_transaction
from liendea_assets.db.connection import Database
from liendea_assets.imports import company_store, decision_store, key_store, store
from liendea_assets.imports.company_identity import company_labels
from liendea_assets.imports.grouping import Ints, members
from liendea_assets.imports.model import COMPANY_FIELDS
from liendea_assets.imports.row_keys import fills, hash_words, keys_version
from liendea_assets.imports.row_positions import positions_of, values_of
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.stable_ids import stable_ids
from liendea_assets.imports.survivorship import best_names, best_rows, commonest_spellings, superseded

# Counted up when the code of company identity or survivorship changes: every company is looked at again.
_CODE_VERSION = 1


def update_companies(db: Database, settings: ImportSettings, clock: Clock) -> int:
    """Takes in the rows that landed since the last time, and what they change of other rows' companies.

    Rows that decisions are about are always looked at, and all rows where settings have changed.

    Returns:
        How many rows were looked at.
    """
    decisions = decision_store.read_decisions(db, "company")
    decided = decision_store.read_decided_rows(db, "company")
    version = _version(settings)
    change_ids, changed = key_store.read_changes(db, has_companies=False)
    is_full = key_store.read_state(db, "company") != version
    if changed.empty and decided.empty and not is_full:
        return 0
    keys = key_store.read_keys(db, settings)
    sources = company_store.read_sources(db)
    company, anchor_of = values_of(keys, sources, "company_id", "anchor_of")
    is_changed, is_decided = (_is_among(some, keys) for some in (changed, decided))
    is_looked_at = np.ones(len(keys), dtype=bool) if is_full else _concerned(keys, company, is_changed | is_decided, settings)
    # a name's web address depends on all rows of the name
    is_needed = is_looked_at if is_full else is_looked_at | _shares(keys["company_name"], is_looked_at)
    needed = keys[is_needed].reset_index(drop=True)
    labels = company_labels(needed, settings.free_mail_domains, *decisions.within(needed))
    own = labels[is_looked_at[is_needed]].set_index(np.flatnonzero(is_looked_at))
    named = own[own["label"] != 0]
    place = named.index.to_numpy()
    identified = stable_ids(named["label"].to_numpy(), anchor_of[place], company_store.next_id(db))
    rows = keys.loc[place].reset_index(drop=True)
    values = _values(db, rows, identified.ids, named["domain"].to_numpy(), settings)
    dropped = own.index[(own["label"] == 0).to_numpy() & (company[own.index] != 0)].to_numpy()
    moved = np.concatenate([place[company[place] != identified.ids], dropped])
    moved = moved[~is_changed[moved]]
    made = rows[["source", "row_id"]].assign(company_id=identified.ids, evidence=named["evidence"].array, anchor_of=identified.anchor_of)
    held = int((company != 0).sum())
    with bulk_transaction(db, "companies", "company_sources", held=held, coming=len(made) - held) as connection:
        company_store.store_companies(connection, values, identified.merged, to_text(clock.now()))
        company_store.store_sources(connection, made, keys.loc[dropped, ["source", "row_id"]])
        key_store.pass_on_changes(connection, change_ids)
        for source, ids in keys.loc[moved].groupby("source", observed=True)["row_id"]:
            key_store.note_changes(connection, str(source), ids, has_companies=True)
        key_store.store_state(connection, "company", version)
    return len(own)


def _version(settings: ImportSettings) -> str:
    parts = (_CODE_VERSION, keys_version(settings), sorted(settings.free_mail_domains), settings.orders_of_sources())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _is_among(some: pd.DataFrame, keys: pd.DataFrame) -> np.ndarray:
    is_among = np.zeros(len(keys), dtype=bool)
    found = positions_of(some, keys)
    is_among[found[found >= 0]] = True
    return is_among


def _concerned(keys: pd.DataFrame, company: np.ndarray, is_changed: np.ndarray, settings: ImportSettings) -> np.ndarray:
    """Rows whose company may change with the changed ones, and all other rows of those companies."""
    is_concerned = is_changed | _shares(keys["company_name"], is_changed)
    is_free = np.isin(keys["email_domain"].to_numpy(), hash_words(list(settings.free_mail_domains)))
    domains = np.concatenate([keys["company_domain"][is_concerned], keys["email_domain"][is_concerned & ~is_free]])
    domains = np.unique(domains[domains != 0])
    own, mail = (members(keys[column].to_numpy(dtype=np.int64), domains) for column in ("company_domain", "email_domain"))
    bears = own | (mail & (keys["company_name"] != 0).to_numpy())
    companies = np.unique(company[(is_concerned | bears) & (company != 0)])
    return np.asarray(is_concerned | members(company, companies))


def _shares(column: pd.Series, is_chosen: np.ndarray) -> np.ndarray:
    values = column.to_numpy(dtype=np.int64)
    chosen = np.unique(values[is_chosen])
    return members(values, chosen[chosen != 0])


def _values(db: Database, rows: pd.DataFrame, company: Ints, domain: Ints, settings: ImportSettings) -> pd.DataFrame:
    """Companies with the values that survive. Which row counts is known from the keys, so only those rows are read.

    Args:
        rows: as `key_store.read_keys` gives them.
        company, domain: per row its company and the hash of that company's domain (0 if unknown).
    """
    filled = {field: fills(rows, field) for field in COMPANY_FIELDS}
    ranked = store.with_files(db, rows)
    best = best_rows(ranked, company, filled, settings.orders_of_sources())
    spellings = commonest_spellings(company, np.where(superseded(ranked, company), 0, rows["spelling"].to_numpy(dtype=np.int64)))
    spellings = spellings[spellings["count"] == spellings.groupby("company")["count"].transform("max")]
    bearers = _bearers_of_domains(rows, company, domain)
    needed = np.unique(np.concatenate([*(best[field] for field in COMPANY_FIELDS), spellings["place"], bearers["place"]]))
    needed = needed[needed >= 0]
    facts = company_store.read_values(db, rows.iloc[needed])
    facts = facts.iloc[positions_of(rows.iloc[needed], facts)].set_axis(needed)
    companies = pd.DataFrame({field: facts[field].reindex(best[field]).array for field in COMPANY_FIELDS}, index=best.index)
    texts = facts["company_domain"].reindex(bearers["place"]).astype("str")
    mails = facts["work_email"].reindex(bearers["place"]).astype("str").str.replace(r"^.*@", "", regex=True)
    domains = texts.where(bearers["is_own"].to_numpy(), mails).set_axis(bearers["company"])
    # a domain belongs to one company; of several that a human has parted, to the oldest
    companies["domain"] = domains[~domains.duplicated()].reindex(companies.index)
    names = best_names(spellings.assign(name=facts["company_name"].reindex(spellings["place"]).array)).reindex(companies.index)
    # also where its domain belongs to another: a human may part rows that have nothing but a domain
    companies["name"] = names.where(names.notna(), domains.reindex(companies.index))
    return companies.rename_axis("id").reset_index()


def _bearers_of_domains(rows: pd.DataFrame, company: Ints, domain: Ints) -> pd.DataFrame:
    """For each company with a domain a row that names it: `company` (ascending), `place`, `is_own` (web address, else e-mail)."""
    frame = pd.DataFrame({"company": company, "place": np.arange(len(rows)), "is_own": rows["company_domain"].to_numpy() == domain})
    names_it = (domain != 0) & (frame["is_own"].to_numpy() | (rows["email_domain"].to_numpy() == domain))
    named: pd.DataFrame = frame[names_it].sort_values(["company", "is_own", "place"], ascending=[True, False, True])
    return named.drop_duplicates("company")
