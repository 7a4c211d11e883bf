"""The Dagster instance of a home, opened by several processes."""

import subprocess
import sys
from pathlib import Path

HOMES, PROCESSES = 2, 4
# each waits for the others before it opens the next home, and not for ever: one may have died
OPEN = """
import os, sys, time
from pathlib import Path
from liendea_assets.cli.instance import open_instance
from liendea_assets.core.home import Home
for folder in map(Path, sys.argv[2:]):
    (folder / f"ready-{os.getpid()}").touch()
    until = time.monotonic() + 20
    while len(list(folder.glob("ready-*"))) < int(sys.argv[1]) and time.monotonic() < until:
        time.sleep(0.001)
    with open_instance(Home(folder)) as instance:
        instance.get_runs()
"""


def test_first_starts_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    homes = [tmp_path / str(number) for number in range(HOMES)]
    for home in homes:
        home.mkdir()
    arguments = [sys.executable, "-c", OPEN, str(PROCESSES), *map(str, homes)]
    started = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    told = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0] * PROCESSES, told
