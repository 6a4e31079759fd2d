# Everything a newcomer needs: `make demo`, `make test`. The environment is made on first use.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
UV := .tools/bin/uv
# Tests that open real windows, play sound, kill processes or take long: only in test-all.
EXTRA := screen or sound or kill or long

.PHONY: setup demo test test-all lint translations bench bench-sound clean

setup: $(READY)
	@echo "Ready. $(BIN)/reprise starts the editor, make demo shows a restore, make test runs the checks."

$(UV):
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
	    --target .tools 'uv>=0.8'

$(READY): pyproject.toml constraints.txt .ci/system-packages | $(UV)
	.ci/system-packages
	test -x $(BIN)/python || $(UV) venv --quiet --python "$$(command -v $(PYTHON))" .venv
	$(UV) pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]'
	touch $@

demo: $(READY)
	$(BIN)/python -m engine.evaluation.demo

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -m 'not ($(EXTRA))' -n 2 --dist worksteal

test-all: test
	$(BIN)/pytest -m '$(EXTRA)'

# After texts were changed: collects them for the translators, and compiles their work.
translations: $(READY)
	$(BIN)/python -m app.catalogues

# One section: make bench ONLY=demucs. With nothing left out: make bench FULL=1.
bench: $(READY)
	$(BIN)/python -m app.benchmarks $(ONLY:%=--only %) $(if $(FULL),--full)

bench-sound: $(READY)
	$(BIN)/python -m app.sound_benchmark

clean:
	rm -rf .venv .tools
