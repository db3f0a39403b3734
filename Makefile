# make run    the reference workspace, end to end, on data/samples
# make test   the tests of every part
# make test-slow    those that take long: whole stories, generated cases, faults, Prefect's server
# make test-crash   every fault at every call that changes the disk: hours (SHARE=0.03: a part)
# make check  the house rules: format, lint, types, floors
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

export DO_NOT_TRACK = 1
export PREFECT_SERVER_ANALYTICS_ENABLED = false
export PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS = 90
export PREFECT_LOGGING_LEVEL ?= WARNING

.PHONY: run test test-slow test-crash check format bench bench-peers clean

run: $(STAMP)
	@$(BIN)/python flows/nightly.py

test: $(STAMP)
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

test-slow: $(STAMP)
	@$(BIN)/python -m pytest -n auto --dist loadfile -m slow

SHARE ?= 1
test-crash: $(STAMP)
	@$(BIN)/python -m tests.faults --share $(SHARE)

check: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python data/samples/generate.py --check

format: $(STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(STAMP)
	@$(BIN)/python benchmarks/check.py

bench-peers: $(STAMP)
	@$(BIN)/python benchmarks/peers.py

clean:
	rm -rf $(VENV) .venv-peers .cleanhold

# uv where it exists, else venv and pip. The stamp makes the second run quick.
$(STAMP): pyproject.toml constraints.txt
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[all,dev]'; \
	else \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,dev]'; \
	fi
	@touch $(STAMP)
