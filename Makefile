# make demo   secures a simulated enterprise, and proves it      make test   everything that has to hold
# make lab    leaves the lab running for play                make lab-down   ends it
# make bench  measures                                       make venv   only the set-up
# Needs python3 (3.11 or newer), make and git. All set-up is done here; nothing outside the checkout is written but caches.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
LINK := .collections/ansible_collections/collab/security

# Only inside recipes: the tools find each other, the collection, and a place inside the checkout for what they leave.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.collections
export ANSIBLE_HOME := $(CURDIR)/.build/ansible
export PYTHONDONTWRITEBYTECODE := 1
export LC_ALL := C.UTF-8

.PHONY: help
help:
	@sed -n '1,4s/^# //p' Makefile

# -- set-up ------------------------------------------------------------------------------------------------------------
.PHONY: venv
venv: .venv/ready $(LINK)

.venv/ready: requirements.txt requirements-dev.txt constraints.txt
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed (set PYTHON=...)" >&2; exit 2; }
	@echo "setting up .venv (about a minute the first time)"
	"$(PYTHON)" -m venv .venv
	.venv/bin/pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(LINK):
	mkdir -p $(dir $(LINK))
	ln -sfn ../../.. $(LINK)

# -- the lab, the demonstration, the measurements ----------------------------------------------------------------------
LAB_INVENTORY ?= inventories/lab/hosts.yml

.PHONY: demo lab lab-down bench fidelity
demo: venv
	python tools/demo.py

lab: venv
	python -m lab up -i $(LAB_INVENTORY) --detach
	@echo "Secure it:  .venv/bin/ansible-playbook playbooks/site.yml     What it was asked:  .venv/bin/python -m lab journal --json"
	@echo "End it:     make lab-down"

lab-down: venv
	python -m lab down

bench: venv .build/peers/ready
	python tools/bench.py

# docs/fidelity.md is written from the lab's ledger; a test says when it has to be done again.
fidelity: venv
	python tools/fidelity.py > docs/fidelity.md

# The collections that the measurements compare with, and the one that the tests make a controller's objects with. They come inside the package `ansible`.
.build/peers/ready: tools/unpack_collections.py Makefile
	mkdir -p .build/peers
	pip download -q --disable-pip-version-check --no-deps --dest .build/peers ansible==12.3.0
	python tools/unpack_collections.py .build/peers .build/peers ansible/netcommon ansible/utils awx/awx
	rm -f .build/peers/*.whl
	touch $@

# -- the tests; every part can be made alone -----------------------------------------------------------------------------
PARTS := ruff lint docs-lint sanity unit lab-tests integration molecule
PYTEST := python -m pytest -q -p no:cacheprovider

.PHONY: test $(PARTS)
# Two lines of work side by side, one a core.
test: venv
	@python tools/parts.py ruff lint docs-lint unit lab-tests sanity molecule / integration

ruff: venv
	ruff check --no-cache .

lint: venv
	ansible-lint --profile production

docs-lint: venv
	antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all --skip-rstcheck .
	antsibull-changelog lint

sanity: venv
	python tools/sanity.py

unit: venv
	$(PYTEST) tests/unit

lab-tests: venv
	$(PYTEST) tests/lab

# With the few worlds that hold every reading; every pair is `make worlds`.
integration: venv .build/peers/ready
	$(PYTEST) -n 2 --maxschedchunk 1 tests/integration

# Every pair of readings of what is not certain, each time the whole enterprise: an hour or two.
.PHONY: worlds
worlds: venv
	COLLAB_WORLDS=all $(PYTEST) -n 2 --maxschedchunk 1 tests/integration/test_variants.py

molecule: venv
	python tools/molecule.py
