.PHONY: demo test long lint format

demo:
	pip install -e . && anonpipe demo

test:
	pip install -e '.[test]' && pytest

long:
	pytest -n auto --dist worksteal -m long

lint:
	ruff check . && ruff format --check . && mypy

format:
	ruff check --fix . && ruff format .
