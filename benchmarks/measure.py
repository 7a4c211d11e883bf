"""Timing whole processes, and asking them for figures of their own."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

RUNS = 5
# Between two looks at a process's memory; a run lasts seconds.
_LOOK_S = 0.05


def seconds(command: Sequence[str], env: dict[str, str]) -> float:
    """Wall time of one run; a command that fails ends the benchmark."""
    started = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def figures(module: str, *arguments: object) -> dict[str, float]:
    """What a module, run as a process of its own, prints as JSON, and `mib`: the most memory that it and its children held at a time."""
    command = [sys.executable, "-m", module, *(str(argument) for argument in arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        most = 0
        while process.poll() is None:
            most = max(most, _held_kib(process.pid))
            time.sleep(_LOOK_S)
        told = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"`{' '.join(command[1:])}` failed with exit code {process.returncode}")
    result: dict[str, float] = json.loads(told)
    return {"mib": most / 1024} | result


def medians(measure: Callable[[], Sequence[float]], runs: int = RUNS) -> list[float]:
    """The median of each figure over several runs, which take turns so that a drifting machine hits all alike."""
    return [statistics.median(figures) for figures in zip(*(measure() for _ in range(runs)), strict=True)]


def held_mib() -> float:
    """What this process holds now."""
    return _held_kib(os.getpid()) / 1024


def _held_kib(pid: int) -> int:
    """What a process and its descendants hold now (Linux). The kernel's highest mark would not do: a child inherits its parent's."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            children.setdefault(_field(entry, "PPid"), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return sum(_field(Path(f"/proc/{one}"), "VmRSS") for one in found)


def _field(process: Path, name: str) -> int:
    try:
        lines = (process / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        # it has ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)
