# Two commands matter: `make up` starts everything, `make test` proves it. Both set up what they need.

PY := .venv/bin/python
# Two at once; a file's tests stay together, in the order of their names.
PYTEST := $(PY) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: up gpu test test-python test-js test-postgres lint audit format starter bench bench-accuracy bench-strangers bench-speed bench-synthesis bench-ablation bench-labelling bench-watching bench-reading lock bench-few-labels bench-starter
.PHONY: setup setup-dev setup-bench

up: setup  ## Set up what is missing and start the site in the foreground; PORT chooses the port
	@exec $(PY) -W ignore manage.py up

gpu: setup  ## Once, on a machine with an NVIDIA GPU: TensorFlow with CUDA in place of the one for processors
	@touch .venv/gpu
	@scripts/setup

test: setup-dev test-js test-python  ## All tests: JavaScript, Python, workers, a real browser

test-js:
	npm test --silent

test-python:
	$(PYTEST)

test-postgres: setup-dev  ## What touches the database, once more on a private PostgreSQL
	scripts/with-postgres $(PYTEST) -m "not browser" \
	  --ignore tests/labeling/imaging --ignore tests/training/recognition --ignore tests/workers/test_many_machines.py

lint: setup-dev  ## Style, types, templates, and the one-way arrows between packages
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/djlint --lint --quiet templates
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo

audit: setup-dev  ## Look up the pinned packages in the databases of known vulnerabilities
	$(PY) scripts/audit.py

format: setup-dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: setup-dev  ## Measure speed and accuracy anew (about 20 minutes); DATA names the folder of the image sets
	for each in pages import_zip read_http batch demo main_job table; do $(PY) -W ignore -m benchmarks.$$each || exit 1; done

bench-accuracy: setup-bench  ## Measure every architecture and its peers (hours); goes on where it was stopped. ROWS, FRESH=1
	$(PY) -W ignore -m benchmarks.accuracy $(ROWS)
	$(PY) -W ignore -m benchmarks.table

bench-speed: setup-bench  ## Measure reading, training and preparing (minutes), beside a peer in the same process
	$(PY) -W ignore -m benchmarks.speed
	$(PY) -W ignore -m benchmarks.table

bench-synthesis: setup-dev  ## Measure how fast texts are drawn, beside a peer (five minutes)
	$(PY) -W ignore -m benchmarks.synthesis
	$(PY) -W ignore -m benchmarks.table

bench-strangers: setup-bench  ## Measure whether images of other families are flagged (ten minutes); goes on where it was stopped. FAMILIES, FRESH=1
	$(PY) -W ignore -m benchmarks.out_of_family $(FAMILIES)
	$(PY) -W ignore -m benchmarks.table

bench-few-labels: setup-bench  ## Measure learning curves with and without starter and self-training (hours); goes on where it was stopped. ROWS, SEEDS, LABELS, INGREDIENTS, FRESH=1
	$(PY) -W ignore -m benchmarks.few_labels $(ROWS)
	$(PY) -W ignore -m benchmarks.table

bench-ablation: setup-dev  ## Measure what each part of the default is worth (half an hour); goes on where it was stopped. FRESH=1
	$(PY) -W ignore -m benchmarks.ablation $(VARIANTS)
	$(PY) -W ignore -m benchmarks.ablation.table

bench-labelling: setup-dev setup-bench  ## Measure teams that label, beside a peer (an hour); goes on where it was stopped. PARTS, FRESH=1
	$(PY) -W ignore -m benchmarks.labelling $(PARTS)
	$(PY) -W ignore -m benchmarks.table

bench-watching: setup-dev  ## Measure watching a run: viewers, first paint, overhead (a quarter of an hour). PARTS
	$(PY) -W ignore -m benchmarks.watching $(PARTS)
	$(PY) -W ignore -m benchmarks.table

bench-reading: setup-dev setup-bench  ## Measure reading over HTTP, beside a peer's server (eight minutes)
	$(PY) -W ignore -m benchmarks.reading
	$(PY) -W ignore -m benchmarks.table

bench-starter: setup-bench  ## Measure the starter model beside a peer, on images nobody trained on (minutes). ALL=1
	$(PY) -W ignore -m benchmarks.starter $(if $(ALL),--all)
	$(PY) -W ignore -m benchmarks.table

starter: setup-dev  ## Train the starter model on texts drawn in many fonts (an hour); goes on where it was stopped. MINUTES, SITTING, AFRESH=1
	npm ci --ignore-scripts --no-audit --no-fund --prefix training/recognition/starter/fonts
	$(PY) -W ignore -m training.recognition.starter.make $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SITTING),--sitting $(SITTING)) $(if $(AFRESH),--afresh)

lock: setup-dev  ## Raise all pinned versions; plain `make up` never does
	scripts/lock

setup:
	@scripts/setup

setup-dev:
	@scripts/setup --dev

setup-bench:
	@scripts/setup --bench
