"""`liendea desk`, as it is typed; what is heavy is imported when it runs."""

from pathlib import Path

import click

from liendea_assets.cli.options import chosen_home, home_option

DESK_PORT, PUBLIC_PORT = 3080, 3081
# `liendea dev` serves the UI at 3000 and the desk so many ports above
DESK_ABOVE = 80


@click.command("desk")
@click.option("--port", type=click.IntRange(1, 65535), default=DESK_PORT, show_default=True, help="Loopback port of the desk.")
@click.option(
    "--public-port", type=click.IntRange(1, 65535), default=PUBLIC_PORT, show_default=True, help="Loopback port of the public pages."
)
@click.option("--link", "is_link", is_flag=True, help="Print another login link for the desk that runs at this port, and end.")
@home_option
def desk(port: int, public_port: int, home: Path | None, *, is_link: bool) -> None:
    """Open the desk on this machine: what waits for you, who is who, campaigns, what came back (docs/desk.md). Ctrl-C ends it.

    It prints a link that logs you in, once. The public pages (unsubscribing, links of messages) are another application at a port of
    their own, to be put behind your HTTPS server; they know nothing of the desk.
    """
    from liendea_assets.cli.desk import login_link, serve_desk

    found = chosen_home(home)
    if is_link:
        click.echo(login_link(found, port))
    else:
        serve_desk(found, port, public_port)


DESK_COMMANDS = (desk,)
