"""A worker whose training is counting: the real process, commands, queue and files, without TensorFlow.

`SSLREC_FAKE` says how it behaves: `steps` to make (default 20), `pause` seconds each, `crash_at` a step,
`deaf` seconds in a step that no command can interrupt, `model` a folder whose files it leaves, `metrics` what it
measures at the end, `full_at` a step at which the disk is full, `leave` seconds that putting the weights of a stopped
run into files takes; without it, none are.
"""

import errno
import json
import os
import shutil
import sys
import threading
import time
from types import SimpleNamespace

from sslrec.artifacts import Manifest, save
from sslrec.learning import worker
from sslrec.runs.events import Command, Message, Status
from sslrec.runs.recorder import Recorder

WISHES = {"steps": 20, "pause": 0.01, "crash_at": 0, "deaf": 0.0, **json.loads(os.environ.get("SSLREC_FAKE", "{}"))}
BEGAN = time.monotonic()


class FakeSession:
    def __init__(self, folder):
        self.folder, self.record = folder, folder.record()
        self.recorder = Recorder(folder, folder.state())
        self.step, self.total, self.rate = folder.state().step, WISHES["steps"], 0.1

    @property
    def state(self):
        return self.recorder.state

    @property
    def status(self):
        return self.state.status

    @property
    def trained(self):
        return self.step >= self.total

    def _set(self, status, message=None, **fields):
        self.recorder.set_state(status, message, step=self.step, total=self.total, **fields)

    def prepare(self):
        self._set(Status.RUNNING)
        kind = "resumed" if self.step else "started"
        self.recorder.event({"event": kind, "step": self.step, "of": self.total, "batch_size": 10})

    def turn(self, seconds=0.0):
        self.step += 1
        if self.step == WISHES["crash_at"]:
            print("the cat sat on the keyboard", file=sys.stderr, flush=True)
            os._exit(7)
        if self.step == WISHES.get("full_at"):
            self.folder.write_state = no_space
            self._set(Status.FAILED, Message("run_disk_full", {"step": self.step}))
            return
        time.sleep(WISHES["deaf"] or WISHES["pause"])
        step = {"event": "step", "step": self.step, "of": self.total, "epoch": 1, "loss": 1 / self.step}
        figures = {"learning_rate": self.rate, "gradient_norm": 1.0, "examples_per_second": 100.0}
        figures["seconds"] = time.monotonic() - BEGAN
        self.recorder.event({**step, **figures})

    def command(self, name, **params):
        if name == Command.PAUSE:
            self._set(Status.PAUSED)
        elif name == Command.RESUME:
            self._set(Status.RUNNING)
        elif name == Command.STOP:
            self._set(Status.STOPPED)
        elif name == Command.INTERRUPT:
            self._set(Status.INTERRUPTED, Message(params.get("code") or "run_interrupted", {"step": self.step}))
        elif name == Command.SET_RATE:
            change = {"before": self.rate, "after": params["rate"], "reason": "hand", "params": {}}
            self.rate = params["rate"]
            self.recorder.event({"event": "learning_rate", "step": self.step, **change})

    def _export(self, folder):
        (folder / "model.txt").write_text("a model")
        if "model" in WISHES:
            shutil.copytree(WISHES["model"], folder, dirs_exist_ok=True)
        save(folder, Manifest(self.record.name, self.record.config.task, "digits", "", "", 0, {}, {}))

    def finish(self):
        self._export(self.folder.path)
        self._set(Status.FINISHED, metrics=WISHES.get("metrics", {"accuracy": 0.5}))

    def close(self):
        if self.status is Status.STOPPED and "leave" in WISHES:
            self.recorder.settle()
            time.sleep(WISHES["leave"])
            place = f"snapshots/step-{self.step}"
            (self.folder.path / place).mkdir(parents=True, exist_ok=True)
            self._export(self.folder.path / place)
            self.recorder.event({"event": "snapshot", "step": self.step, "folder": place, "metrics": {}})
        self.recorder.close()


def no_space(state):
    raise OSError(errno.ENOSPC, "No space left on device")


def end_with(parent):
    """End this process, even one that is to be kept running, when the tests that started it are over."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


sys.modules["sslrec.learning.session"] = SimpleNamespace(RunSession=FakeSession)

if __name__ == "__main__":
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    worker.main()
