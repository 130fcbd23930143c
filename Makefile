# Everything starts here. Needs only git, make and Python 3.11 or later with venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint docs bench wheel pictures clean

demo: $(VENV)/.demo  ## set up, then search, order, download and catalogue with no network
	$(BIN)/peps-stac demo

test: $(VENV)/.dev lint  ## set up, then lint, check types, run every test
	$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=term

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(VENV)/.dev  ## the documentation in site/, to be opened from disk or put on any web server
	$(BIN)/python docs/generate/house.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

bench: $(VENV)/.dev  ## measure the catalog beside others (20 minutes, 25 GB of disk); QUICK=1: does it all work?
	$(BIN)/python benchmarks/bench.py $(if $(QUICK),--quick --out dist/benchmarks)

wheel: $(VENV)/.dev  ## wheel and sdist in dist/, with STAC Browser where Node and npm are installed
	rm -rf dist
	-$(BIN)/python -m peps_stac.browse
	$(BIN)/python -m build --no-isolation

pictures: $(VENV)/.dev  ## draw the pictures of the documentation anew, from a real web browser and a real session
	PEPS_STAC_REQUIRE_BROWSER=1 PEPS_STAC_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/browse/test_browser.py tests/cli/test_session.py

clean:  ## forget the environment and the demo
	rm -rf $(VENV) demo dist site src/peps_stac/browse/static .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("peps-stac needs Python 3.11 or later: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[raster,xarray]'
	touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all,dev]'
	touch $@ $(VENV)/.demo
