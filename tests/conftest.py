"""What tests of several folders need."""

import os

import hypothesis
import pytest

import fastact
from tests.support.public_calls import LONG

# The quick form draws the same cases every time; the long form looks for new ones.
hypothesis.settings.register_profile("same cases", derandomize=True, database=None)
if not LONG:
    hypothesis.settings.load_profile("same cases")


def pytest_xdist_auto_num_workers(config):
    """One process for each CPU that this one may use, up to eight: more would wait for each other's threads."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cpus, 8)


def pytest_collection_modifyitems(items):
    """Tests that need a second core come last, when the other processes of pytest are about to leave it to them."""
    items.sort(key=lambda item: any("alone" in mark.args for mark in item.iter_markers("xdist_group")))


@pytest.fixture
def exact():
    with fastact.precision("exact"):
        yield


@pytest.fixture
def many_threads():
    before = fastact.get_num_threads()
    fastact.set_num_threads(8)
    yield
    fastact.set_num_threads(before)
