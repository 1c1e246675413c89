"""What tests of several files need."""

import pytest

import fastact


@pytest.fixture
def many_threads():
    before = fastact.get_num_threads()
    fastact.set_num_threads(8)
    yield
    fastact.set_num_threads(before)
