import os
import subprocess
import sys

import pytest

SHOW = "import sslrec.learning.loop, os; print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"


@pytest.mark.parametrize(("given", "used"), [(None, "1"), ("0", "0")])
def test_training_uses_onednn_on_every_processor_unless_told_otherwise(given: str | None, used: str):
    environment = {name: value for name, value in os.environ.items() if name != "TF_ENABLE_ONEDNN_OPTS"}
    environment |= {} if given is None else {"TF_ENABLE_ONEDNN_OPTS": given}
    shown = subprocess.run([sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == used
