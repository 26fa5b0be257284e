# `make` lists the commands. PYTHON names the interpreter that the environment is made with.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
LITE_VENV := .venv-lite
MUTATE_VENV := .venv-mutate
LOCK_VENV := .venv-lock
INSTALLER := tools/install/requirements.lock
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
# As many tests at a time as there are cores; more than four browsers would want much memory.
PARALLEL := -n logical --maxprocesses 4
# What the tests of a file draw or fit once is then drawn or fitted in one process only.
BY_FILE := --dist loadfile
PACKAGE_TESTS := --ignore tests/site --ignore tests/lite tests
# Where what is wrong shows first: equations, facts, claims, rooms, chapters.
QUICK := tests/facts tests/ledger/test_by_hand.py tests/ledger/test_claims.py \
	tests/press/test_register.py tests/cli/test_cli.py tests/equations/test_equations.py tests/equations/test_formulas_by_hand.py \
	tests/ledger/test_quotations.py tests/notebook/test_explorer_specs.py \
	tests/notebook/test_questions.py tests/notebook/test_derivations.py $(wildcard tests/test_*.py)
# To collect all tests for a few takes longer than those few.
TIMED = $(shell grep -rl --include='test_*.py' 'mark\.timed' tests)
# Files only: `book` the folder is not `book` the command.
INPUTS := $(shell find src book -type f -not -path '*/__pycache__/*' \
	-not -path '*/.ipynb_checkpoints/*' -not -path '*.egg-info/*') _config.yml _toc.yml \
	CHANGELOG.md CITATION.cff README.md pyproject.toml
# The addresses come from the environment: this file holds those of the last build. They are taken
# as they are, since make would run what looks like a function of its own.
ADDRESSES := _build/.addresses
GIVEN := BOOK_ADDRESS=$(value BOOK_ADDRESS) BOOK_REPOSITORY=$(value BOOK_REPOSITORY)
ifneq ($(shell cat $(ADDRESSES) 2>/dev/null),$(GIVEN))
.PHONY: $(ADDRESSES)
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Dozens of processes import the package: where compiled modules may not be kept, each compiles it.
export PYTHONDONTWRITEBYTECODE :=
# With LC_ALL=C, setuptools cannot note a path that is not ASCII; from LANG=C Python helps itself.
ifneq ($(filter C POSIX,$(LC_ALL)),)
export LC_ALL := C.UTF-8
endif
# HOME need not be writable, and what somebody has set there changes no chapter.
export MPLCONFIGDIR := $(CURDIR)/$(VENV)/cache/matplotlib
export IPYTHONDIR := $(CURDIR)/$(VENV)/cache/ipython
# Of what writes to the environments, the site or the chapters, one runs at a time in a folder.
ALONE := $(PYTHON) tools/alone.py

.DEFAULT_GOAL := help
.PHONY: help book editions test check lint types package test-notebooks test-site test-start timed \
	notebooks-then-editions lite test-lite serve-lite serve lab notebooks bench mutate measure fit prices register lock clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book:  ## recompute every chapter and build the site to _build/html
	@rm -f $(BUILT)
	@$(MAKE) --no-print-directory $(BUILT)
	@echo "The book is at $(CURDIR)/$(SITE)/index.html"

editions: $(BUILT)  ## also make the EPUB and the PDF of the book, in downloads/ of the site
	@echo "Making the editions"
	@$(ALONE) $(BIN)/python -m inference_economics_site.editions $(SITE)

test:  ## all of it, in stages: lint types package notebooks site timed
	@# The addresses first: while they are written, make would begin with something else.
	@$(MAKE) --no-print-directory lint $(ADDRESSES)
	@# The site and its editions are made beside what does not need them.
	@$(MAKE) --no-print-directory -j2 notebooks-then-editions types package
	@$(MAKE) --no-print-directory test-site timed

check: $(READY)  ## what a change breaks first, in a minute or two: lint, types, and quick tests
	@$(MAKE) --no-print-directory lint types
	@echo "Quick tests"
	@$(PYTEST) $(PARALLEL) $(BY_FILE) -m "not timed" $(QUICK)

lint: $(READY)  ## the style of the code, notebooks included
	@echo "Lint"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Run $(BIN)/ruff format ."; exit 1; }

types: $(READY)  ## the types of the code
	@echo "Types"
	@$(BIN)/mypy --no-error-summary

package: $(READY)  ## the tests of the package, the press and the tools
	@echo "Package tests"
	@$(PYTEST) $(PARALLEL) $(BY_FILE) -m "not timed" $(PACKAGE_TESTS)

test-notebooks: $(READY)  ## re-execute the notebooks and compare with their stored outputs
	@echo "Notebooks"
	@$(BIN)/pytest -q $(PARALLEL) --dist loadscope -p no:warnings --nbval --nbval-current-env book

test-site: $(BUILT)  ## the built site, in a browser
	@echo "The built site, in a browser"
	@$(PYTEST) -rs $(PARALLEL) -m "not timed" --dist loadgroup tests/site

test-start: $(BUILT)  ## install from the requirements, the wheel and the source, each in an empty folder
	@START=1 $(PYTEST) -rs tests/site/test_start.py tests/press/test_citation.py

timed: $(BUILT)  ## what must be quick, with nothing beside it
	@echo "What must be quick"
	@$(PYTEST) -rs -m timed $(TIMED)

# Chapters that nbval has just executed, and found as they are stored, need not be executed again;
# THOROUGH=1 does, as `make book` does. It prints the book, too, which takes half a minute.
notebooks-then-editions: test-notebooks
	@BOOK_OUTPUTS=$(if $(filter 1,$(THOROUGH)),,stored) $(MAKE) --no-print-directory $(BUILT)
	@$(ALONE) $(BIN)/python -m inference_economics_site.editions $(SITE) --if-possible --epub \
		$(if $(filter 1,$(THOROUGH)),--pdf)

lite: $(LITE_BUILT)  ## also make _build/lite: the site with chapters that run in a browser
	@echo "The book with live chapters is in $(CURDIR)/$(LITE); \`make serve-lite\` serves it"

test-lite: $(LITE_BUILT)  ## run a chapter in a browser that asks no other host
	@$(PYTEST) -rs -s tests/lite

serve-lite: $(LITE_BUILT)  ## serve that site on this machine (PORT=8000)
	@$(BIN)/python tools/serve.py $(LITE) "$(PORT)"

serve: $(BUILT)  ## build if needed and serve the site on this machine (PORT=8000)
	@$(BIN)/python tools/serve.py $(SITE) "$(PORT)"

lab: $(READY)  ## open the chapters in JupyterLab
	@# JupyterLab asks root whether it is meant: on this machine, for oneself, it is.
	@$(BIN)/jupyter lab --notebook-dir book $$(test "$$(id -u)" != 0 || echo --allow-root)

notebooks: $(READY)  ## re-execute all notebooks and store their outputs
	@$(ALONE) $(BIN)/python -m inference_economics_site.execute book
	@$(BIN)/python tools/front_page.py

bench: $(READY)  ## measure how fast the equations evaluate
	@$(BIN)/python tools/bench.py

mutate: $(READY) $(MUTATE_READY)  ## change the package in hundreds of ways: a test must notice each
	@PYTHONPATH=$$(echo $(MUTATE_VENV)/lib/python*/site-packages) $(BIN)/python tools/mutate.py $(ARGS)

measure: $(READY)  ## measure the batching curve of this machine's GPU, or else its processor
	@$(BIN)/python tools/measure.py $(ARGS)

fit: $(READY)  ## fit the parameters anew to the measurements and store them
	@$(BIN)/python tools/fit.py

prices: $(READY)  ## take the price tables anew: ARGS names a clone of models.dev
	@$(BIN)/python tools/prices.py $(ARGS)

register: $(READY)  ## record new claims and changed figures in the register of ids
	@$(BIN)/python tools/register.py

# One resolution that holds on every supported Python and system: what is already pinned is kept
# where it can be; UPGRADE=--upgrade takes the newest of everything. The locks have hashes and are
# for what make sets up; requirements.txt has the project itself, which no hash can be given to.
COMPILE = $(LOCK_VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
	--custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links $(UPGRADE)
lock:  ## resolve pyproject.toml's dependencies into the files that pin them
	@echo "Resolving the dependencies"
	@$(PYTHON) -m venv --clear $(LOCK_VENV)
	@$(LOCK_VENV)/bin/pip install -qq $(if $(UPGRADE),uv,--require-hashes -r $(INSTALLER))
	@$(COMPILE) --fork-strategy fewest --all-extras --generate-hashes \
		--output-file requirements.lock pyproject.toml
	@$(COMPILE) --constraints requirements.lock --extra notebooks \
		--output-file requirements.txt pyproject.toml
	@echo "--editable ." >> requirements.txt
	@$(COMPILE) --constraints requirements.lock --group lite --generate-hashes \
		--output-file $(LIVE)/requirements.lock
	@$(COMPILE) --constraints requirements.lock --group mutate --generate-hashes \
		--output-file tools/mutation/requirements.lock
	@$(COMPILE) --constraints requirements.lock --group install --generate-hashes \
		--output-file $(INSTALLER)

clean:  ## remove the environments, the site and all caches
	@# The marks first: what is left when this is killed is then no environment.
	@$(ALONE) rm -f $(READY) $(LITE_READY) $(MUTATE_READY)
	@$(ALONE) rm -rf $(VENV) $(LITE_VENV) $(MUTATE_VENV) $(LOCK_VENV) _build .mypy_cache .pytest_cache .ruff_cache \
		.hypothesis src/*.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
$(LITE_READY): $(LIVE)/requirements.lock
$(MUTATE_READY): tools/mutation/requirements.lock
# Starting from nothing: neither MyST-NB's cache nor Sphinx's notices a change in src/ or its data.
$(BUILT): $(INPUTS) $(ADDRESSES) | $(READY)
$(LITE_BUILT): $(BUILT) $(LITE_READY)

ifndef HAS_TURN
# Once it is its turn, make looks again at what is left to do.
$(READY) $(LITE_READY) $(MUTATE_READY) $(ADDRESSES) $(BUILT) $(LITE_BUILT):
	@$(ALONE) $(MAKE) --no-print-directory HAS_TURN=1 $@
else
# $(call install,FOLDER,LOCK): without the mark of a set-up that came to its end, whatever lies
# there was left by one that was killed, and is made anew. The lock is complete, so nothing is left
# to resolve. Modules are compiled when they are first used: most of them never are.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is not. Name one: make PYTHON=python3.12 ..." >&2; \
		exit 1; }
	@echo "Installing the pinned requirements into $(1)"
	@test -e $@ || { rm -rf $(1) && $(PYTHON) -m venv $(1); }
	@rm -f $@
	@# uv takes a tenth of pip's time; where it is not to be had, pip does the same.
	@{ $(1)/bin/pip install -qq --only-binary :all: --require-hashes -r $(INSTALLER) \
		&& $(1)/bin/uv pip install --quiet --python $(1)/bin/python --no-deps --require-hashes -r $(2); \
	} 2>/dev/null || $(1)/bin/pip install -qq --no-deps --no-compile --require-hashes -r $(2)
endef

$(READY):
	$(call install,$(VENV),requirements.lock)
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@$(BIN)/pip check --quiet
	@# Matplotlib's list of fonts: the cell that made it would say so on stderr.
	@$(BIN)/python -c 'import matplotlib.font_manager'
	@touch $@

$(LITE_READY):
	$(call install,$(LITE_VENV),$(LIVE)/requirements.lock)
	@touch $@

$(MUTATE_READY):
	$(call install,$(MUTATE_VENV),tools/mutation/requirements.lock)
	@touch $@

$(ADDRESSES):
	@mkdir -p _build
	@printf 'BOOK_ADDRESS=%s BOOK_REPOSITORY=%s\n' "$$BOOK_ADDRESS" "$$BOOK_REPOSITORY" > $@

$(BUILT):
	@echo "Recomputing the chapters and building the site"
	@find _build -mindepth 1 -not -path $(ADDRESSES) -delete
	@$(BIN)/jupyter-book build book --config _config.yml --toc "$(CURDIR)/_toc.yml" \
		--path-output . --builder html -W -n --keep-going > $(LOG) 2>&1 || { cat $(LOG); exit 1; }
	@$(BIN)/python -m inference_economics_site.editions $(SITE) --package --zip --notebooks >> $(LOG)
	@touch $@

$(LITE_BUILT):
	@echo "Putting JupyterLite beside the site"
	@$(BIN)/python -m inference_economics_site.live $(SITE) $(LITE) --tools $(LITE_VENV)/bin
	@touch $@
endif
