"""`liendea dev`: the Dagster UI behind the guard, its daemon and its code server, and the desk, for one home on this machine."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import click
import dagster as dg
import uvicorn
import yaml
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._grpc.client import DagsterGrpcClient
from dagster_webserver.app import create_app_from_workspace_process_context

from liendea_assets.automation import record_config_version
from liendea_assets.cli.check_config import check_config
from liendea_assets.cli.desk import desk_running
from liendea_assets.cli.instance import open_instance
from liendea_assets.cli.services import mail_sandbox_if_wanted, sandbox_if_wanted
from liendea_assets.core.environment import read_env_file
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.web.guard import Guard

LOCATION = "liendea_assets"
# a code server waits for its own children, which end by themselves within half a minute
STOP_WITHIN_S = 5
READY_WITHIN_S = 60


def serve(home: Home, port: int, desk_port: int) -> int:
    """Serves until Ctrl-C or SIGTERM. Runs, schedules and history stay in the home.

    Args:
        desk_port: of the desk; the public pages get the next one.

    Raises:
        SettingsError: a config file is not right, the port is taken, or the home is being served already.
    """
    read_env_file(home.root)
    check_config(home)
    with ExitStack() as stack:
        instance = stack.enter_context(open_instance(home, alone=True))
        stack.enter_context(sandbox_if_wanted(home))
        stack.enter_context(mail_sandbox_if_wanted(home))
        if instance.get_latest_materialization_event(dg.AssetKey("icp_scores")) is None:
            # nothing is scored yet, so the config as it is now is no change
            record_config_version(instance)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liendea-")))
        workspace = _write_workspace(folder)
        socket = folder / "code.sock"
        what = ["--socket", str(socket), "-m", "liendea_assets.definitions", "--location-name", LOCATION, "--log-level", "warning"]
        _wait_for(stack.enter_context(_child(folder, "dagster", "code-server", "start", *what)), socket)
        stack.enter_context(_child(folder, "dagster._daemon", "run", "-w", str(workspace), "--log-level", "warning"))
        context = stack.enter_context(WorkspaceProcessContext(instance, WorkspaceFileTarget([str(workspace)])))
        app = create_app_from_workspace_process_context(context, live_data_poll_rate=2000)
        server = uvicorn.Server(uvicorn.Config(Guard(app, port), host="127.0.0.1", port=port, log_level="warning"))
        signal.signal(signal.SIGTERM, _interrupt)
        for line in stack.enter_context(desk_running(home, desk_port, desk_port + 1, ("--desk-port", "--desk-port"))):
            click.echo(line)
        click.echo(f"Dagster UI: http://127.0.0.1:{port}  (home: {home.root}; Ctrl-C ends it)")
        try:
            server.run()
        except KeyboardInterrupt:
            pass
        except SystemExit:
            raise SettingsError(f"port {port} is taken; give another one with --port") from None
    return 0


def _write_workspace(folder: Path) -> Path:
    """Daemon and web server share one code server, so that the definitions are loaded once."""
    path = folder / "workspace.yaml"
    path.write_text(yaml.safe_dump({"load_from": [{"grpc_server": {"socket": str(folder / "code.sock"), "location_name": LOCATION}}]}))
    return path


def _wait_for(code_server: subprocess.Popen[bytes], socket: Path) -> None:
    """Returns when the definitions are loaded; a daemon that comes earlier takes the location for broken."""
    client = DagsterGrpcClient(socket=str(socket))
    give_up_at = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up_at and code_server.poll() is None:
        try:
            client.ping("")
            return
        except DagsterUserCodeUnreachableError:
            time.sleep(0.2)
    raise SettingsError("the definitions could not be loaded; the lines above say why")


@contextmanager
def _child(folder: Path, module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a module for as long as this process lives.

    Args:
        folder: where it runs. Dagster sets the variables of a `.env` in the current folder in every run, over those that are set here.
    """
    command = [sys.executable, "-m", "liendea_assets.cli.child", module, *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, cwd=folder)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
