"""The Python blocks of README and docs run as they stand."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", "docs/compat.md", "docs/usage.md"]


@pytest.mark.skipif(not (ROOT / "setup.py").exists(), reason="needs the checkout")
@pytest.mark.parametrize("page", PAGES)
def test_code_blocks_run(page):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})
