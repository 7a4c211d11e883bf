"""`liendea suppression`: adding, importing, exporting and counting who is never to be contacted."""

from collections.abc import Sequence
from pathlib import Path

import click

from liendea_assets.core.clock import SystemClock, to_text
from liendea_assets.core.errors import BadValue
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.db.connection import to_records, transaction
from liendea_assets.outreach import suppression_store as store
from liendea_assets.outreach.suppression_lists import known_values, name_value, read_list, write_list
from liendea_assets.resources import open_home_database
from liendea_assets.scoring.suppressed import exclude_suppressed, find_suppressed
from liendea_assets.scoring.suppression_list import SuppressionList


def add(home: Home, values: Sequence[str], reason: str) -> None:
    """Suppresses at once; nothing where one of the values names nobody.

    Raises:
        BadValue: a value names neither an address, a domain nor a profile.
    """
    named = [name_value(value) for value in values]
    if "@" in reason:
        raise BadValue("the reason holds an address; allowed is what names nobody")
    db, key, now = open_home_database(home, durable=True), load_key(home.data / "secret.key"), to_text(SystemClock().now())
    SuppressionList(key, store.read_suppressions(db))
    with transaction(db) as connection:
        done = [store.suppress(connection, kind, value, reason, key, now) for kind, value in named]
    changed = exclude_suppressed(db, home.data / "secret.key")
    db.conn.close()
    click.echo(
        f"{sum(one.is_new for one in done)} added, {sum(not one.is_new for one in done)} stood already; "
        f"{sum(one.withdrawn for one in done)} waiting messages withdrawn, {changed} contacts left scores and targets."
    )


def import_file(home: Home, file: Path) -> int:
    """Takes a list in; 1 where a line was not understood."""
    db, key, now = open_home_database(home, durable=True), load_key(home.data / "secret.key"), to_text(SystemClock().now())
    SuppressionList(key, store.read_suppressions(db))
    addresses = [row["work_email"] for row in to_records(store.read_known(db)) if row["work_email"]]
    found = read_list(file, key, addresses)
    before = sum(store.count_suppressions(db).values())
    store.add_suppressions(db, found.entries, now)
    after = sum(store.count_suppressions(db).values())
    exclude_suppressed(db, home.data / "secret.key")
    barred = find_suppressed(db, SuppressionList(key, store.read_suppressions(db)))
    withdrawn = store.withdraw_people(db, barred, now)
    db.conn.close()
    click.echo(f"{after - before} entries are new, of {len(found.entries)} in the file; {withdrawn} waiting messages withdrawn.")
    if found.passed_over:
        click.echo(f"{found.passed_over} rows say of themselves that nothing stands against the person, and were passed over.")
    if found.matched or found.unmatched:
        click.echo(
            f"Hashes of addresses: {found.matched} are of known contacts, now suppressed. {found.unmatched} are of nobody known; nothing "
            "can be kept of those, so import the file again after importing contacts."
        )
    for number in found.bad_lines[:20]:
        click.echo(f"line {number}: names neither an address, a domain nor a profile", err=True)
    return 1 if found.bad_lines else 0


def export_file(home: Home, file: Path) -> None:
    """Writes all entries."""
    if file.exists():
        raise click.BadParameter(f"{file} is there already; name a new file")
    db, key = open_home_database(home), load_key(home.data / "secret.key")
    entries = to_records(store.list_suppressions(db))
    named = write_list(file, entries, known_values(to_records(store.read_known(db))), key)
    db.conn.close()
    file.chmod(0o600)
    click.echo(f"{len(entries)} entries in {file}; {named} readable, the others as keyed hashes.")


def show(home: Home, limit: int) -> None:
    """Prints entries, the newest first."""
    db = open_home_database(home)
    rows = to_records(store.list_suppressions(db))
    db.conn.close()
    for row in rows[::-1][:limit]:
        click.echo(f"{row['id']}: {row['created_at'][:16]} {row['kind']} {row['key_hash'][:8]}…  {row['reason']}")
    if not rows:
        click.echo("None yet.")


def count(home: Home) -> None:
    """Prints counts."""
    db = open_home_database(home)
    for kind, entries in store.count_suppressions(db).items():
        click.echo(f"{kind}: {entries}")
    listed = store.read_suppressions(db)
    found = find_suppressed(db, SuppressionList(load_key(home.data / "secret.key"), listed)) if listed else {}
    db.conn.close()
    click.echo(f"contacts among them: {len(found)}")
