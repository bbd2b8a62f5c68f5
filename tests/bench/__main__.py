"""Run every benchmark and print the table; the figures go to .local/bench.json as well."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

from tests.bench import run

if __name__ == "__main__":
    run.everything()
