# make run     start the app; PORT=8600 to choose the port, otherwise the first free one from 8501
# make test    ruff, then pyright beside pytest in two processes; ARGS="-k digits" goes to pytest
# make lint    ruff and pyright alone
# make format  let ruff rewrite the files
# make clean   remove .venv and the caches
# All create .venv and install what is missing. PYTHON=python3.12 chooses the interpreter.

PYTHON ?= python3
PORT ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# What is imported is compiled then, and most of what these packages hold never is.
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --no-compile

# The stamps carry a checksum of the requirements: changed contents install anew, a new file date does not.
RUN_SUM := $(shell cksum < requirements.txt | cut -d ' ' -f 1)
DEV_SUM := $(shell cat requirements.txt requirements-dev.txt | cksum | cut -d ' ' -f 1)
RUN_STAMP := $(VENV)/installed-run-$(RUN_SUM)
DEV_STAMP := $(VENV)/installed-dev-$(DEV_SUM)

.PHONY: help run test suite lint style types format clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \(make [a-z]*\)  */\1\t/p' Makefile

# Where there is a desktop, the browser opens by itself.
HEADLESS := $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),false,true)

run: $(RUN_STAMP)
	$(BIN)/python -m streamlit run app.py --server.headless $(HEADLESS) --server.showEmailPrompt false \
		$(if $(PORT),--server.port $(PORT))

# One after the other: beside pyright and another test, a browser on two cores may not answer for a minute.
test: style
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory suite

suite: $(DEV_STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: style types

style: $(DEV_STAMP)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

# Pyright's newer-version notice would ask the network.
types: $(DEV_STAMP)
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/python -m pyright --pythonpath $(BIN)/python

format: $(DEV_STAMP)
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || { \
		echo "There is no '$(PYTHON)' here; install Python 3.11, 3.12 or 3.13, or name one: PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "$(PYTHON) is `$(PYTHON) -V 2>&1`; TensorFlow wants 3.11, 3.12 or 3.13. Name one: PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot create a virtual environment; on Debian and Ubuntu install python3-venv first"; exit 1; }

$(RUN_STAMP): | $(BIN)/python
	@echo "Installing the packages of requirements.txt; the first time takes a few minutes."
	$(PIP_INSTALL) -r requirements.txt
	@rm -f $(VENV)/installed-run-*
	@touch $@

# The development requirements include those of the app, so one installation serves both.
$(DEV_STAMP): | $(BIN)/python
	@echo "Installing the packages of requirements-dev.txt; the first time takes a few minutes."
	$(PIP_INSTALL) -r requirements-dev.txt
	@rm -f $(VENV)/installed-*
	@touch $@ $(RUN_STAMP)
