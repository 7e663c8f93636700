# Marcaí: one command for each thing a developer does. Every target sets up what it needs first.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin

.PHONY: help run test train bench lint lock setup setup-dev clean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

run: setup  ## the whole system, with its own PostgreSQL and Redis; Ctrl-C stops it
	@exec $(BIN)/marcai up

test: setup-dev lint  ## static checks and every test
	@scripts/browser
	@exec $(BIN)/python -m pytest

train: setup  ## train the model when its sources have changed
	@exec $(BIN)/marcai train

bench: setup-dev  ## run the benchmarks and print their table
	@exec $(BIN)/python -m benchmarks

lint: setup-dev  ## ruff, and the layers that imports must keep
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo

lock:  ## resolve the dependencies anew into requirements/, with hashes
	@scripts/lock

setup:  ## the environment in .venv/, for running
	@scripts/bootstrap run

setup-dev:  ## the environment in .venv/, with the tools for tests and checks
	@scripts/bootstrap all

clean:  ## remove everything made here: environment, models, and the local data with its database
	@scripts/clean
