# `make` alone says what there is. Works with GNU make 3.81 (macOS) and newer.
PYTHON_RUN = .venv/bin/python

.PHONY: help demo up test check bench pictures pins clean-venv

help:
	@echo "make demo   a whole shop to try: sets everything up, starts it, prints the address (Ctrl-C ends it)"
	@echo "make up     Kefu for your own shop, empty"
	@echo "make test   sets itself up and runs every test (ARGS='kefu/desk -k inbox' for some)"
	@echo "make check  style, types, import rules, migrations, translations, links, pins"
	@echo "make bench  measures and writes docs/bench.md (ARGS=path for one measure, ARGS='path --write' to write it)"
	@echo "make pictures  takes docs/pictures anew from a demo that runs"
	@echo "make pins   pins requirements/*.in anew (needs the package index)"

demo: .venv/run.stamp
	@exec .venv/bin/kefu demo $(ARGS)

up: .venv/run.stamp
	@exec .venv/bin/kefu up $(ARGS)

test: .venv/dev.stamp
	@$(PYTHON_RUN) scripts/test.py $(ARGS)

check: .venv/dev.stamp
	@$(PYTHON_RUN) scripts/check.py

bench: .venv/dev.stamp
	@$(PYTHON_RUN) -m bench $(ARGS)

pictures: .venv/dev.stamp
	@$(PYTHON_RUN) scripts/pictures.py $(ARGS)

pins:
	@scripts/python.sh scripts/pins.py

.venv/run.stamp: requirements/run.txt scripts/venv.py
	@scripts/python.sh scripts/venv.py run

.venv/dev.stamp: requirements/dev.txt scripts/venv.py
	@scripts/python.sh scripts/venv.py dev
