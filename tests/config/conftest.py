"""Folders for embedded servers of a test's own, and processes that use them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.processes import Visitor, eventually, fill_home, processes_of, temporary_home


@pytest.fixture(scope="module")
def made_data() -> Iterator[Path]:
    """A PostgreSQL data folder as its making left it; making one takes a second."""
    with temporary_home() as home:
        Visitor(home).arrive().leave()
        eventually(lambda: not processes_of(home))
        yield home / "postgres"


@pytest.fixture
def empty_home() -> Iterator[Path]:
    with temporary_home() as home:
        yield home


@pytest.fixture
def home(empty_home, made_data) -> Path:
    fill_home(empty_home, made_data)
    return empty_home


@pytest.fixture
def migrated_home(empty_home, migrated_data) -> Path:
    fill_home(empty_home, migrated_data)
    return empty_home


@pytest.fixture
def visit(empty_home):
    visitors = []

    def visit(**kwargs) -> Visitor:
        visitors.append(Visitor(empty_home, **kwargs))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.kill()
