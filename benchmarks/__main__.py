"""Runs every benchmark, or those that are named: `python -m benchmarks [NAME …]`."""

import sys

from benchmarks import command_help, febrl, imports, merges, sample_run

BENCHMARKS = {
    "merges": merges.main,
    "febrl": febrl.main,
    "sample_run": sample_run.main,
    "command_help": command_help.main,
    "imports": imports.main,
    "imports_million": imports.main_million,
}

for name in sys.argv[1:] or BENCHMARKS:
    BENCHMARKS[name]()
