"""A start on real servers names what they lack; older ones are not at hand, so more is asked."""

import pytest

from config import checks


def problems() -> list[str]:
    return [problem.id for problem in checks.check_servers(databases=["default"])]


@pytest.mark.django_db
def test_the_servers_of_this_test_have_everything():
    assert problems() == []


@pytest.mark.django_db
def test_a_missing_extension_is_named(monkeypatch):
    monkeypatch.setattr(checks, "EXTENSIONS", ("vector", "no_such_extension"))

    found = checks.check_servers(databases=["default"])

    assert [problem.id for problem in found] == ["kaiu.E002"]
    assert "no_such_extension" in found[0].msg


@pytest.mark.django_db
def test_an_old_database_is_refused(monkeypatch):
    monkeypatch.setattr(checks, "OLDEST_POSTGRESQL", 9_990_000)

    assert problems() == ["kaiu.E001"]


@pytest.mark.django_db
def test_a_broker_that_is_old_or_silent_is_named(monkeypatch, settings):
    monkeypatch.setattr(checks, "OLDEST_BROKER", (999, 0))
    assert problems() == ["kaiu.E004"]

    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert problems() == ["kaiu.E003"]


def test_nothing_is_asked_when_no_database_is():
    assert checks.check_servers() == []
