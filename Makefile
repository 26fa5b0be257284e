# `make` lists the commands. PYTHON names the interpreter that the environment is made with.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
LITE_VENV := .venv-lite
MUTATE_VENV := .venv-mutate
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LITE_READY := $(LITE_VENV)/.ready
MUTATE_READY := $(MUTATE_VENV)/.ready
SITE := _build/html
LITE := _build/lite
LITE_BUILT := _build/.lite
BUILT := _build/.built
LOG := _build/build.log
LIVE := src/inference_economics_site/live
# Where no notebook is tested, nbval is not loaded: it takes seconds in every process.
PYTEST := $(BIN)/pytest -q -p no:nbval
PACKAGE_TESTS := --ignore tests/site --ignore tests/lite tests
# Where what is wrong shows first: equations, facts, claims, rooms, chapters.
QUICK := tests/facts tests/ledger/test_by_hand.py tests/ledger/test_claims.py \
	tests/ledger/test_register.py tests/cli/test_cli.py tests/equations/test_equations.py tests/equations/test_formulas_by_hand.py \
	tests/ledger/test_quotations.py tests/notebook/test_explorer_specs.py $(wildcard tests/test_*.py)
# To collect all tests for a few takes longer than those few.
TIMED = $(shell grep -rl --include='test_*.py' 'mark\.timed' tests)
# Files only: `book` the folder is not `book` the command.
INPUTS := $(shell find src book -type f -not -path '*/__pycache__/*' \
	-not -path '*/.ipynb_checkpoints/*' -not -path '*.egg-info/*') _config.yml _toc.yml CHANGELOG.md CITATION.cff
# The addresses come from the environment: this file holds those of the last build.
ADDRESSES := _build/.addresses
GIVEN := BOOK_ADDRESS=$(BOOK_ADDRESS) BOOK_REPOSITORY=$(BOOK_REPOSITORY)
ifneq ($(shell cat $(ADDRESSES) 2>/dev/null),$(GIVEN))
.PHONY: $(ADDRESSES)
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Dozens of processes import the package: where compiled modules may not be kept, each compiles it.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help book editions test check lint types package test-notebooks test-site timed \
	editions-if-possible package-then-notebooks lite test-lite serve-lite serve lab notebooks bench mutate measure fit register lock clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

book:  ## recompute every chapter and build the site to _build/html
	@rm -f $(BUILT)
	@$(MAKE) --no-print-directory $(BUILT)
	@echo "The book is at $(CURDIR)/$(SITE)/index.html"

editions: $(BUILT)  ## also make the EPUB and the PDF of the book, in downloads/ of the site
	@echo "Making the editions"
	@$(BIN)/python -m inference_economics_site.editions $(SITE)

test:  ## all of it, in stages: lint types package notebooks site timed
	@# The addresses first: while they are written, make would begin with something else.
	@$(MAKE) --no-print-directory lint types $(ADDRESSES)
	@# The site and its editions are made beside what does not need them.
	@$(MAKE) --no-print-directory -j2 editions-if-possible package-then-notebooks
	@$(MAKE) --no-print-directory test-site timed

check: $(READY)  ## what a change breaks first, in a minute or two: lint, types, and quick tests
	@$(MAKE) --no-print-directory lint types
	@echo "Quick tests"
	@$(PYTEST) -n 2 -m "not timed" $(QUICK)

lint: $(READY)  ## the style of the code, notebooks included
	@echo "Lint"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Run $(BIN)/ruff format ."; exit 1; }

types: $(READY)  ## the types of the code
	@echo "Types"
	@$(BIN)/mypy --no-error-summary

package: $(READY)  ## the tests of the package, the press and the tools
	@echo "Package tests"
	@$(PYTEST) -n 2 -m "not timed" $(PACKAGE_TESTS)

test-notebooks: $(READY)  ## re-execute the notebooks and compare with their stored outputs
	@echo "Notebooks"
	@$(BIN)/pytest -q -n 2 --dist loadscope -p no:warnings --nbval --nbval-current-env book

test-site: $(BUILT)  ## the built site, in a browser
	@echo "The built site, in a browser"
	@$(PYTEST) -rs -n 2 -m "not timed" --dist loadgroup tests/site

timed: $(BUILT)  ## what must be quick, with nothing beside it
	@echo "What must be quick"
	@$(PYTEST) -rs -m timed $(TIMED)

editions-if-possible: $(BUILT)
	@$(BIN)/python -m inference_economics_site.editions $(SITE) --if-possible

package-then-notebooks: package
	@$(MAKE) --no-print-directory test-notebooks

lite: $(LITE_BUILT)  ## also make _build/lite: the site with chapters that run in a browser
	@echo "The book with live chapters is in $(CURDIR)/$(LITE); \`make serve-lite\` serves it"

test-lite: $(LITE_BUILT)  ## run a chapter in a browser that asks no other host
	@$(PYTEST) -rs -s tests/lite

serve-lite: $(LITE_BUILT)  ## serve that site on this machine (PORT=8000)
	@$(BIN)/python tools/serve.py $(LITE) $(PORT)

serve: $(BUILT)  ## build if needed and serve the site on this machine (PORT=8000)
	@$(BIN)/python tools/serve.py $(SITE) $(PORT)

lab: $(READY)  ## open the chapters in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir book

notebooks: $(READY)  ## re-execute all notebooks and store their outputs
	@$(BIN)/python -m inference_economics_site.execute book

bench: $(READY)  ## measure how fast the equations evaluate
	@$(BIN)/python tools/bench.py

mutate: $(READY) $(MUTATE_READY)  ## change the package in hundreds of ways: a test must notice each
	@PYTHONPATH=$$(echo $(MUTATE_VENV)/lib/python*/site-packages) $(BIN)/python tools/mutate.py $(ARGS)

measure: $(READY)  ## measure the batching curve of this machine's GPU, or else its processor
	@$(BIN)/python tools/measure.py $(ARGS)

fit: $(READY)  ## fit the parameters anew to the measurements and store them
	@$(BIN)/python tools/fit.py

register: $(READY)  ## record new claims and changed figures in the register of ids
	@$(BIN)/python tools/register.py

# One resolution that holds on every supported Python and system: what is already pinned is kept
# where it can be; UPGRADE=--upgrade takes the newest of everything.
lock: $(BIN)/python  ## resolve pyproject.toml's dependencies into requirements.txt
	@echo "Resolving the dependencies"
	@$(BIN)/pip install -qq uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
		--all-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		$(UPGRADE) --output-file requirements.txt pyproject.toml
	@{ echo "# The resolved set of pyproject.toml's dependencies, for Python 3.11 and later."; \
		echo "# Made by \`make lock\`: change pyproject.toml and run it, rather than editing here."; \
		cat requirements.txt; } > requirements.new && mv requirements.new requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group lite --no-header \
		--no-annotate --no-emit-index-url --no-emit-find-links $(UPGRADE) \
		--constraints requirements.txt --output-file $(LIVE)/requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group mutate --no-header \
		--no-annotate --no-emit-index-url --no-emit-find-links $(UPGRADE) \
		--constraints requirements.txt --output-file tools/mutation/requirements.txt

clean:  ## remove the environment, the site and all caches
	@rm -rf $(VENV) $(LITE_VENV) $(MUTATE_VENV) _build .mypy_cache .pytest_cache .ruff_cache .hypothesis src/*.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is not. Name one: make PYTHON=python3.12 ..." >&2; \
		exit 1; }
	@echo "Creating the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# The lock is complete, so nothing is left to resolve; `pip check` makes sure of it.
$(READY): requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing the pinned requirements"
	@$(BIN)/pip install -qq --no-deps -r requirements.txt
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@$(BIN)/pip check --quiet
	@touch $@

$(LITE_READY): $(LIVE)/requirements.txt | $(BIN)/python
	@echo "Installing JupyterLite into $(LITE_VENV)"
	@$(BIN)/python -m venv $(LITE_VENV)
	@$(LITE_VENV)/bin/pip install -qq --no-deps -r $(LIVE)/requirements.txt
	@touch $@

$(MUTATE_READY): tools/mutation/requirements.txt | $(BIN)/python
	@echo "Installing Cosmic Ray into $(MUTATE_VENV)"
	@$(BIN)/python -m venv $(MUTATE_VENV)
	@$(MUTATE_VENV)/bin/pip install -qq --no-deps -r tools/mutation/requirements.txt
	@touch $@

$(LITE_BUILT): $(BUILT) $(LITE_READY)
	@echo "Putting JupyterLite beside the site"
	@$(BIN)/python -m inference_economics_site.live $(SITE) $(LITE) --tools $(LITE_VENV)/bin
	@touch $@

$(ADDRESSES):
	@mkdir -p _build
	@printf 'BOOK_ADDRESS=%s BOOK_REPOSITORY=%s\n' "$$BOOK_ADDRESS" "$$BOOK_REPOSITORY" > $@

# Starting from nothing: neither MyST-NB's cache nor Sphinx's notices a change in src/ or its data.
$(BUILT): $(INPUTS) $(ADDRESSES) | $(READY)
	@echo "Recomputing the chapters and building the site"
	@find _build -mindepth 1 -not -path $(ADDRESSES) -delete
	@$(BIN)/jupyter-book build book --config _config.yml --toc "$(CURDIR)/_toc.yml" \
		--path-output . --builder html -W -n --keep-going > $(LOG) 2>&1 || { cat $(LOG); exit 1; }
	@$(BIN)/python -m inference_economics_site.editions $(SITE) --zip --notebooks >> $(LOG)
	@touch $@
