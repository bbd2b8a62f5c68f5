"""Where a green run must mean that every test ran (`CI=true`), a skipped test is a failure."""

import os

import pytest


def skipped(config: pytest.Config) -> list:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    is_strict = os.environ.get("CI") == "true" and not hasattr(config, "workerinput")
    return reporter.stats.get("skipped", []) if is_strict and reporter else []


def pytest_sessionfinish(session: pytest.Session) -> None:
    if skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    if tests := skipped(config):
        terminalreporter.write_line(f"{len(tests)} skipped: CI runs every test.", red=True)
