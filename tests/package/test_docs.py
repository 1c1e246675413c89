"""The Python blocks of README and docs run as they stand."""

import re

import pytest

from tests.support.processes import ROOT, in_checkout

PAGES = ["README.md", "docs/compat.md", "docs/usage.md"]


@in_checkout
@pytest.mark.parametrize("page", PAGES)
def test_code_blocks_run(page):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})
