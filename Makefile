# make run   the whole shop at http://localhost:8000; the first time it sets itself up
# make test  everything that must hold before a change lands
# make bench the benchmarks, each beside its bare limit

.PHONY: run test bench setup translations browser gettext lock format messages clean
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:

PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv/bin/python
MANAGE := $(VENV) manage.py
PO_FILES := $(wildcard locale/*/LC_MESSAGES/*.po)

# The shop has many processes, and its tests start dozens: what one compiled, the next one need not.
unexport PYTHONDONTWRITEBYTECODE

run: setup
	@$(VENV) -m config.run

test: export DJANGO_SETTINGS_MODULE = config.settings_test
test: setup browser gettext
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(MANAGE) makemigrations --check --dry-run
	$(VENV) -m pytest -p tests.plugins.no_skips -n 2 --maxschedchunk 50

bench: setup
	@command -v wrk >/dev/null || $(call install,wrk)
	$(VENV) -m tests.bench

setup: .venv/installed translations

# Asked for a file that a first try left half-made, make starts over: the stamp comes last.
.venv/installed: requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Kaiu needs Python 3.11 or newer; set PYTHON to its path." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(call install,python3-venv)
	$(PYTHON) -m venv --clear .venv
	$(VENV) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

translations: $(PO_FILES:.po=.mo)

%.mo: %.po .venv/installed
	@$(VENV) -c 'import sys, polib; polib.pofile(sys.argv[1]).save_as_mofile(sys.argv[2])' $< $@

browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || $(call install,chromium)

# Debian's package when we are root, else one line that names it.
install = { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing $(1)" && apt-get update -qq \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $(1) >/dev/null; } \
	|| { echo "Kaiu needs $(1): install it (Debian: apt-get install $(1)) and try again." >&2; exit 1; }

# No address of a package index may end in these files: everybody installs from their own.
LOCK := $(VENV) -m uv --quiet --system-certs pip compile pyproject.toml --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate

lock:
	@test -x $(VENV) || $(MAKE) .venv/installed
	$(LOCK) -o requirements.txt
	$(LOCK) --group dev -c requirements.txt -o requirements-dev.txt

format: .venv/installed
	$(VENV) -m ruff format .
	$(VENV) -m ruff check --fix .

gettext:
	@command -v xgettext >/dev/null || $(call install,gettext)

# English is in the code; a date in the file would make every run a change.
messages: .venv/installed gettext
	$(MANAGE) makemessages --locale es --no-obsolete --no-wrap --add-location file --ignore '.venv/*' --ignore '.local/*'
	@sed -i.old '/^"POT-Creation-Date/d' $(PO_FILES) && rm -f $(PO_FILES:=.old)

# The rows and files in .local are somebody's shop: they stay.
clean:
	rm -rf .venv .pytest_cache .ruff_cache $(PO_FILES:.po=.mo) .local/static .local/test
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
