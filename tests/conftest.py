"""What tests of several files need."""

import hypothesis
import pytest
from public_calls import LONG

import fastact

# The quick form draws the same cases every time; the long form looks for new ones.
hypothesis.settings.register_profile("same cases", derandomize=True, database=None)
if not LONG:
    hypothesis.settings.load_profile("same cases")


@pytest.fixture
def many_threads():
    before = fastact.get_num_threads()
    fastact.set_num_threads(8)
    yield
    fastact.set_num_threads(before)
