"""The examples run on their real data and reach what they promise."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.timeout(300)
def test_digits_are_learnt_by_both_backends_with_the_same_loss_curve():
    pytest.importorskip("sklearn")
    command = [sys.executable, str(EXAMPLES / "train_digits.py"), "--repeat", "1"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    accuracies = [float(a) for a in re.findall(r"accuracy ([\d.]+)%", output)]
    assert len(accuracies) == 2
    assert min(accuracies) >= 96
    assert float(re.search(r"difference of the loss curves (\S+);", output)[1]) < 1e-5
