"""Runs every benchmark, or those that are named: `python -m benchmarks [NAME …]`."""

import sys

from benchmarks import command_help, merges, sample_run

BENCHMARKS = {"merges": merges.main, "sample_run": sample_run.main, "command_help": command_help.main}

for name in sys.argv[1:] or BENCHMARKS:
    BENCHMARKS[name]()
