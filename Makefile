# Two commands for a newcomer: `make run` and `make test`. Both do all the set-up; the README has the plain lines.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
  BIN := $(VENV)/Scripts
else
  BIN := $(VENV)/bin
endif

.PHONY: run test check clean

run: $(VENV)/run-ready
	$(BIN)/python bot.py run

test: $(VENV)/test-ready
	$(BIN)/python -m pytest -n auto

# All that CI does, but for the clean environment and the offline demo (.ci/run).
check: $(VENV)/test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy
	$(BIN)/python -m mypy bot.py
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto

$(VENV)/made:
	@$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'Cần Python 3.11 trở lên. / Python 3.11 or newer is needed.')"
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || { \
	  echo "Thiếu mô-đun venv của Python. Trên Debian, Ubuntu: sudo apt install python3-venv"; \
	  echo "Python's venv module is missing. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run-ready: $(VENV)/made pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/test-ready: $(VENV)/made pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev,postgres]"
	@touch $@ $(VENV)/run-ready

clean:
	rm -rf $(VENV) dist
