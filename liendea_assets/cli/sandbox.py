"""`liendea sandbox`: the Reach sandbox in the foreground, misbehaving as it is told, with counts of what it did."""

import signal
import sys
import time
from collections.abc import Sequence

import click

from liendea_assets.core.errors import SettingsError
from liendea_assets.sandbox.fault_plan import Plan
from liendea_assets.sandbox.faults import GROUPS
from liendea_assets.sandbox.misbehaving import Misbehaving, Tally
from liendea_assets.sandbox.reach_server import TOKEN, create_app, sample_people
from liendea_assets.sandbox.serving import serving

# A terminal's line is written anew this often; elsewhere lines are added, and fewer.
SHOW_EVERY_S = 0.5
LOG_EVERY_S = 5.0
_NAMES = {60: "requests_per_minute", 3_600: "requests_per_hour", 86_400: "requests_per_day"}


def list_faults() -> None:
    """Prints every fault with what it does, by group."""
    for group, faults in GROUPS.items():
        click.echo(f"{group}:")
        for fault in faults:
            click.echo(f"  {fault.name:<16}{fault.tells}")


def serve_sandbox(port: int, plan: Plan, windows: Sequence[tuple[int, int]]) -> None:
    """Serves until Ctrl-C or SIGTERM, and prints the counts in the end.

    Raises:
        SettingsError: the port is taken.
    """
    app = Misbehaving(create_app(sample_people(), windows), plan)
    try:
        with serving(app, port) as url:
            _introduce(url, plan, windows)
            _show_counts(app.tally)
    except OSError:
        raise SettingsError(f"port {port} is taken; give another one with --port") from None


def _introduce(url: str, plan: Plan, windows: Sequence[tuple[int, int]]) -> None:
    shortest, longest = plan.latency_s
    click.echo(f"Reach sandbox: {url}  (Ctrl-C ends it)")
    click.echo(f"Faults:        {plan.tell()}")
    click.echo(f"Windows:       {', '.join(f'{requests:,} in {seconds:,} s' for seconds, requests in windows)}")
    click.echo(f"Latency:       {shortest:g}-{longest:g} s\n")
    click.echo("In .env of your home:")
    click.echo(f"REACH_BASE_URL={url}\nREACH_API_TOKEN={TOKEN}\n")
    click.echo("In its config/rate_limits.yaml, in place of what stands there, so that the same limits are kept:")
    click.echo("\n".join(["reach:", *_as_settings(windows), ""]))


def _as_settings(windows: Sequence[tuple[int, int]]) -> list[str]:
    named = [f"  {_NAMES[seconds]}: {requests}" for seconds, requests in windows if seconds in _NAMES]
    others = [f"    - {{seconds: {seconds}, requests: {requests}}}" for seconds, requests in windows if seconds not in _NAMES]
    return [*named, *(["  windows:", *others] if others else [])]


def _show_counts(tally: Tally) -> None:
    is_terminal = sys.stdout.isatty()
    last, told_at = "", time.monotonic()
    # as Ctrl-C; a shell that starts jobs in the background has SIGINT ignored
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            time.sleep(SHOW_EVERY_S)
            line = tally.tell()
            if is_terminal:
                click.echo(f"\r\033[K{line}", nl=False)
            elif line != last and time.monotonic() - told_at >= LOG_EVERY_S:
                click.echo(line)
                last, told_at = line, time.monotonic()
    except KeyboardInterrupt:
        click.echo(f"{chr(10) if is_terminal else ''}Ended: {tally.tell()}")
