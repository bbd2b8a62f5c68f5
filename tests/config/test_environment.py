"""A missing or malformed value stops the start with one line that names it."""

import os
import subprocess
import sys

import pytest


def start(**changes: str) -> subprocess.CompletedProcess:
    """Read the settings in a process of their own, with these variables."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **changes}
    return subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"PORT": "abc"}, "PORT"),
        ({"PAGE_CACHE": "perhaps"}, "PAGE_CACHE"),
        ({"DATABASE_URL": "mysql://shop@localhost/shop"}, "DATABASE_URL"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL"),
        ({"EMAIL_URL": "mail.example.com"}, "EMAIL_URL"),
        ({"SITE_SCHEME": "ftp"}, "SITE_SCHEME"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"DATABASE_URL": "postgresql://shop@localhost/shop", "SECRET_KEY": ""}, "SECRET_KEY"),
    ],
)
def test_one_line_names_the_value(changes, named):
    done = start(**changes)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"Kaiu: {named} ")


def test_an_embedded_start_needs_nothing():
    assert start().returncode == 0
