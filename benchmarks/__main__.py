"""Runs every benchmark, or those that are named: `python -m benchmarks [NAME …]`."""

import io
import sys

from benchmarks import (
    command_help,
    company_names,
    enrichment,
    febrl,
    identity,
    imports,
    limiter,
    merges,
    metrics,
    outreach_queue,
    sample_run,
    scores,
    scoring_preview,
    sending,
    titles,
    upsert,
    xlsx_export,
)
from benchmarks.peers import PEERS, require_peers

BENCHMARKS = {
    "merges": merges.main,
    "febrl": febrl.main,
    "company_names": company_names.main,
    "identity": identity.main,
    "upsert": upsert.main,
    "limiter": limiter.main,
    "enrichment": enrichment.main,
    "titles": titles.main,
    "scores": scores.main,
    "scoring_preview": scoring_preview.main,
    "xlsx_export": xlsx_export.main,
    "outreach_queue": outreach_queue.main,
    "metrics": metrics.main,
    "sample_run": sample_run.main,
    "sending": sending.main,
    "command_help": command_help.main,
    "imports": imports.main,
    "imports_workbook": imports.main_workbook,
    "imports_million": imports.main_million,
}

if isinstance(sys.stdout, io.TextIOWrapper):
    # a figure shows when it is there, in a file as well
    sys.stdout.reconfigure(line_buffering=True)
if not sys.argv[1:]:
    # rather now than after an hour
    require_peers(*PEERS)
for name in sys.argv[1:] or BENCHMARKS:
    BENCHMARKS[name]()
