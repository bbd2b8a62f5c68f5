"""Missing, malformed and mixed values stop the start, with one line for each that names it."""

import os
import subprocess
import sys

import pytest

from config import refusals

GOOD = {
    "DATABASE_URL": "postgresql://shop@database.internal/shop",
    "REDIS_URL": "redis://broker.internal:6379/0",
    "SECRET_KEY": "mX2_kz9vQ4-rTbL7wYc3HnPfJd8sGa6eUo1iZx5B",
    "FIELD_ENCRYPTION_KEYS": "Zq8-wE3rT6yU1iO4pA7sD_fG2hJ5kL9zXcVbNm0Q",
    "EMAIL_URL": "smtp+tls://name:clave@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "Tienda <hola@tienda.co>",
}


def start(**changes: str) -> list[str]:
    """Read the settings in a process of their own; give the lines it ends with."""
    kept = {name: value for name, value in os.environ.items() if name not in refusals.SECRETS}
    environment = {**kept, "DJANGO_SETTINGS_MODULE": "config.settings"}
    # The servers of the tests are quick and forgetful.
    environment |= {"KAIU_LOCAL_UNSAFE": "", **changes}
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = done.stderr.splitlines()
    assert done.returncode == (1 if lines else 0)
    return lines


def named(lines: list[str]) -> list[str]:
    assert all(line.startswith("Kaiu: ") for line in lines), lines
    return [line.split()[1] for line in lines]


def test_all_malformed_values_are_named_at_once(tmp_path):
    lines = start(
        PORT="abc",
        PAGE_CACHE="perhaps",
        DATABASE_URL="mysql://shop@localhost/shop",
        REDIS_URL="localhost:6379",
        EMAIL_URL="mail.example.com",
        SITE_SCHEME="ftp",
        LOG_LEVEL="LOUD",
        LOG_FORMAT="xml",
        SECRET_KEY="",
        KAIU_LOCAL_DIR=str(tmp_path),
    )

    assert set(named(lines)) == {
        "PORT",
        "PAGE_CACHE",
        "DATABASE_URL",
        "REDIS_URL",
        "EMAIL_URL",
        "SITE_SCHEME",
        "LOG_LEVEL",
        "LOG_FORMAT",
        "SECRET_KEY",
        # Asked for because a real database is meant.
        "FIELD_ENCRYPTION_KEYS",
        "DEFAULT_FROM_EMAIL",
    }
    # A start that is refused leaves nothing behind.
    assert list(tmp_path.iterdir()) == []


def test_an_embedded_start_needs_nothing():
    assert start() == []


def test_a_public_start_needs_its_own_keys_and_mail(tmp_path):
    assert start(**GOOD) == []

    bare = {name: "" for name in GOOD} | {"DATABASE_URL": GOOD["DATABASE_URL"]}
    lines = start(**bare, DEBUG="true", DEMO_PASSWORD="kaiu", KAIU_LOCAL_UNSAFE="1")

    assert named(lines) == [
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "DEBUG",
        "KAIU_LOCAL_UNSAFE",
        "DEMO_PASSWORD",
        "EMAIL_URL",
    ]


def problems(*, is_public: bool = True, is_embedded: bool = False, **changes: str) -> list[str]:
    given = {**GOOD, **changes}
    found = refusals.problems(given, is_public=is_public, is_embedded=is_embedded)
    return [problem.split()[0] for problem in found]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, []),
        ({"SECRET_KEY": "django-insecure-mX2_kz9vQ4-rTbL7wYc3HnPfJd8"}, ["SECRET_KEY"]),
        ({"SECRET_KEY": "change-me-please-change-me-please-again"}, ["SECRET_KEY"]),
        ({"SECRET_KEY": "THE-SAME-EVERYWHERE"}, ["SECRET_KEY"]),
        ({"SECRET_KEY": "k3y!Zq8wE3rT6"}, ["SECRET_KEY"]),
        ({"SECRET_KEY": "ababababababababababababababababababab"}, ["SECRET_KEY"]),
        ({"FIELD_ENCRYPTION_KEYS": "too-short-a-key"}, ["FIELD_ENCRYPTION_KEYS"]),
        (
            {"FIELD_ENCRYPTION_KEYS": f"{GOOD['FIELD_ENCRYPTION_KEYS']},short"},
            ["FIELD_ENCRYPTION_KEYS"],
        ),
        ({"FIELD_ENCRYPTION_KEYS": GOOD["SECRET_KEY"]}, ["FIELD_ENCRYPTION_KEYS"]),
        ({"METRICS_TOKEN": GOOD["SECRET_KEY"]}, ["METRICS_TOKEN"]),
        ({"METRICS_TOKEN": "short"}, ["METRICS_TOKEN"]),
        ({"EMAIL_URL": ""}, ["EMAIL_URL"]),
        ({"EMAIL_URL": "files://"}, []),
        ({"EMAIL_URL": "files://", "DEFAULT_FROM_EMAIL": ""}, []),
        ({"RESEND_API_KEY": "re_abcdefghijk"}, ["EMAIL_URL"]),
        ({"RESEND_API_KEY": "re_abcdefghijk", "EMAIL_URL": ""}, []),
        ({"RESEND_API_KEY": "sk_live_abcdefgh", "EMAIL_URL": ""}, ["RESEND_API_KEY"]),
        ({"DEFAULT_FROM_EMAIL": ""}, ["DEFAULT_FROM_EMAIL"]),
        ({"DEFAULT_FROM_EMAIL": "Kaiu <no-reply@localhost>"}, ["DEFAULT_FROM_EMAIL"]),
        ({"ANTHROPIC_API_KEY": "sk_live_abcdefgh"}, ["ANTHROPIC_API_KEY"]),
        ({"SENTRY_DSN": "sentry.example.com"}, ["SENTRY_DSN"]),
        ({"DEBUG": "on"}, ["DEBUG"]),
        ({"DEMO_PASSWORD": "kaiu"}, ["DEMO_PASSWORD"]),
        ({"DEMO_PASSWORD": "kaiu", "PRACTICE_MAIL_FOR_ALL": "true"}, []),
        ({"KAIU_LOCAL_UNSAFE": "1"}, ["KAIU_LOCAL_UNSAFE"]),
    ],
)
def test_a_public_shop_refuses_what_is_unfit(changes, refused):
    assert problems(**changes) == refused


def test_a_developer_is_left_alone():
    weak = {"SECRET_KEY": "dev", "FIELD_ENCRYPTION_KEYS": "", "EMAIL_URL": "", "DEBUG": "true"}

    assert problems(is_public=False, **weak) == []
    assert problems(is_public=False, SECRET_KEY="") == ["SECRET_KEY"]


def test_an_embedded_public_shop_keeps_its_own_keys():
    assert problems(is_embedded=True, SECRET_KEY="", FIELD_ENCRYPTION_KEYS="") == []
