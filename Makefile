PYTHON ?= python3
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8080

BIN := $(VENV)/bin

.PHONY: serve test check clean

serve: $(VENV)/.serving
	$(BIN)/vigie serve --host $(HOST) --port $(PORT)

test: $(VENV)/.testing
	$(MAKE) check
	$(BIN)/python -m pytest -q

check: $(VENV)/.testing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Vigie needs Python 3.11 or newer; name one with: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.serving: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

# Editable again, with the extras: the second install leaves what is already there.
$(VENV)/.testing: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[training,tracing,postgres,dev]'
	touch $@ $(VENV)/.serving

clean:
	rm -rf $(VENV)
