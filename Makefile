# make demo   secures a simulated cluster and proves it      make test   everything that has to hold
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
