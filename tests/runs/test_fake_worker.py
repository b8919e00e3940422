import subprocess
import sys
import time

import psutil
import pytest

from sslrec.config import ROOT
from tests.runs.conftest import PATIENCE

LEAVE = """
import os, pathlib, sys, time
from sslrec.runs import process
from sslrec.runs.control import Controller
from sslrec.runs.events import RunConfig, Status
process.MODULE = "tests.runs.fake_worker"
controller = Controller(pathlib.Path(sys.argv[1]), max_workers=1)
run_id = controller.start(RunConfig("autoencoder", "digits", epochs=1), "ann", keep_running=True)
while controller.view(run_id).status is not Status.RUNNING:
    time.sleep(0.05)
if sys.argv[2] == "paused":
    controller.command(run_id, "pause")
    while controller.view(run_id).status is not Status.PAUSED:
        time.sleep(0.05)
print(controller.store.folder(run_id).state().pid, flush=True)
controller.close()
os._exit(0)
"""


def is_there(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="a process keeps its parent's id there")
@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_worker_that_is_to_be_kept_ends_with_the_tests(tmp_path, monkeypatch, state):
    monkeypatch.setenv("SSLREC_FAKE", '{"steps": 100000, "pause": 0.02}')
    command = [sys.executable, "-c", LEAVE, str(tmp_path), state]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=2 * PATIENCE)
    assert done.returncode == 0, done.stderr
    pid, limit = int(done.stdout), time.monotonic() + PATIENCE
    while is_there(pid):
        assert time.monotonic() < limit, "the worker is still there"
        time.sleep(0.1)
