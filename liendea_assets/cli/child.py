"""Runs a Python module for as long as the parent lives: `python -m liendea_assets.cli.child MODULE [ARGUMENT …]`.

A parent that is killed can end nobody. So it holds one end of this process's standard input, and when that closes, for whatever
reason, this process ends itself. Without it a second daemon would run every schedule twice after a crash.
"""

import os
import runpy
import signal
import sys
import threading


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    # as Ctrl-C, so that Dagster ends its own children; a shell that starts jobs in the background has SIGINT ignored
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
