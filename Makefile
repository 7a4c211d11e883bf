# Everything below works on a machine with Python 3.11+, make and git; the first call sets up .venv with the locked packages.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# the peers of the benchmarks stay out of the product's packages
BENCH_VENV := .venv-bench
BENCH ?=

.PHONY: run test dev bench soak lint setup lock clean

run: $(READY)  ## set up, then run everything once on the sample (or on what lies in data/inbox)
	@$(BIN)/liendea init . --sample
	@$(BIN)/liendea run

dev: $(READY)  ## the Dagster UI with schedules and sensors
	@$(BIN)/liendea init . --sample
	@$(BIN)/liendea dev

test: lint  ## every check and test, on all cores (PYTEST_XDIST_AUTO_NUM_WORKERS: on how many)
	$(BIN)/pytest -n auto --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(READY)  ## the long tests: a live UI, kills in the middle of runs, a strict server (SOAK_KILLS, SOAK_ENRICHMENT_KILLS, SOAK_SEND_KILLS, SOAK_MESSAGES, SOAK_HISTORIES, SOAK_LOOKUPS, SOAK_STEPS: how many)
	$(BIN)/pytest -m soak

bench: $(BENCH_VENV)/.peers  ## what it costs, against named peers; BENCH="identity upsert" runs these alone
	$(BENCH_VENV)/bin/python -m benchmarks $(BENCH)

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
		{ echo "LIENDEA needs Python 3.11, 3.12 or 3.13. Name one: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked packages into $(VENV); this takes a minute or two."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(BENCH_VENV)/.peers: requirements.lock benchmarks/requirements.lock pyproject.toml
	@$(MAKE) --no-print-directory setup VENV=$(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install --quiet --require-hashes -r benchmarks/requirements.lock
	@touch $@

COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-strip-extras --quiet --upgrade

lock:  ## resolve requirements.lock anew from pyproject.toml, and the peers of the benchmarks beside it (needs uv)
	$(COMPILE) --all-extras pyproject.toml -o requirements.lock
	$(COMPILE) -c requirements.lock benchmarks/requirements.in -o benchmarks/requirements.lock

clean:
	rm -rf $(VENV) $(BENCH_VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
