"""The process that trains: `python -m sslrec.learning.worker RUN_FOLDER [RUN_FOLDER ...]`.

Commands come on stdin, one JSON object a line: `{"run": id, "command": name, ...}`; without `run` they go to
all. Events go into the runs' folders. The end of stdin means that the app is gone: every run that is paused
or not to be kept running saves a checkpoint and ends as interrupted. When all runs have ended, and said so, the
weights of those that were stopped or diverged are put into files, and the process ends: with 0, or with
`sslrec.runs.process.DISK_FULL` where the disk had no room for the news of a full disk.

Several folders are a race: they train in turns of a few steps in this one process. Two processes on
two cores would each have TensorFlow's 600 MB and take each other's caches; in turns every run gets the
same time, and at any moment all are at nearly the same step, which is what a watcher wants to compare.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sslrec.config import settings
from sslrec.runs.events import Command, Status
from sslrec.runs.mailbox import Mailbox
from sslrec.runs.process import DISK_FULL
from sslrec.runs.recorder import is_disk_full
from sslrec.runs.store import RunFolder

if TYPE_CHECKING:
    from sslrec.learning.session import RunSession

TURN_SECONDS = 0.15
"""How long each run of a race trains before the next one does."""

INBOX = 1024
"""How many commands may wait for the end of a long step: of learning rates the latest, of all others every one."""


def read_commands(lines: Any, inbox: Mailbox[dict[str, Any]]) -> None:
    """Put the commands of a stream into a mailbox, and at its end the news that nobody listens any more.

    A slider that is dragged sends a learning rate at every move, so newer ones push older ones out; of every other
    command each counts.
    """
    with contextlib.suppress(OSError, ValueError):
        for line in lines:
            with contextlib.suppress(ValueError):
                command = json.loads(line)
                inbox.put(command, metric=command.get("command") == Command.SET_RATE)
    inbox.put({"command": "gone"})


def _claim(folder: RunFolder) -> bool:
    """Take a run into the hands of this process; returns whether it is still that of the app that gave it.

    Where the app has died meanwhile, a command may go on with it.
    """
    with folder.locked():
        state = folder.state()
        if state.pid not in (os.getpid(), os.getppid()) and state.process_lives:
            return False
        folder.write_state(replace(state, status=Status.STARTING).by(os.getpid()))
        return True


class Worker:
    """Trains the runs of one process.

    Args:
        folders: the runs' folders.
        inbox: where commands arrive.
    """

    def __init__(self, folders: list[Path], inbox: Mailbox[dict[str, Any]]) -> None:
        self._inbox = inbox
        self._interrupted = False
        self._folders = [RunFolder(path) for path in folders]
        self._keep = {folder.path.name: folder.record().keep_running for folder in self._folders}
        self._sessions: list[RunSession] = []

    @property
    def found_disk_full(self) -> bool:
        """Whether a run ended for want of space on the disk, which its state may have had no room to say."""
        messages = [session.state.message for session in self._sessions]
        return any(message is not None and message.code == "run_disk_full" for message in messages)

    def interrupt(self) -> None:
        """Save and end every run at the next chance; may be called from a signal handler, as it takes no lock."""
        self._interrupted = True

    def run(self) -> None:
        """Train until every run has ended."""
        self._folders = [folder for folder in self._folders if _claim(folder)]
        # The seconds of TensorFlow's import come after the first sign of life.
        from sslrec.learning.session import RunSession

        self._sessions = [RunSession(folder) for folder in self._folders]
        try:
            for session in self._sessions:
                self._obey()
                if session.status.alive:
                    session.prepare()
            while any(session.status.alive for session in self._sessions):
                self._obey(wait=not any(s.status is Status.RUNNING for s in self._sessions))
                self._turn()
        finally:
            for session in self._sessions:
                session.close()

    def _turn(self) -> None:
        training = [s for s in self._sessions if s.status is Status.RUNNING and not s.trained]
        for session in training:
            session.turn(TURN_SECONDS if len(training) > 1 else 0.0)
        if not training:
            # Measuring takes seconds in which nobody trains, so the first at the goal waits for the last.
            done = next((s for s in self._sessions if s.status is Status.RUNNING and s.trained), None)
            if done is not None:
                done.finish()

    def _obey(self, wait: bool = False) -> None:
        """Pass on every command that has come; with `wait`, wait a second for one."""
        for command in self._inbox.take(timeout=1.0 if wait else 0.0):
            name, run = command.pop("command", ""), command.pop("run", "")
            for session in self._sessions:
                if run in ("", session.record.id):
                    self._pass_on(session, name, command)
        if self._interrupted:
            for session in self._sessions:
                session.command(Command.INTERRUPT)

    def _pass_on(self, session: RunSession, name: str, params: dict[str, Any]) -> None:
        kept = session.folder.path.name
        if name == Command.KEEP:
            self._keep[kept] = bool(params["value"])
        elif name == "gone":
            # Nobody can tell a paused run to go on any more; it would only hold the place of those who wait.
            if not self._keep[kept] or session.status is Status.PAUSED:
                session.command(Command.INTERRUPT)
        else:
            session.command(name, **params)


def main() -> int:
    """Train the runs in the folders that the command line names."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    inbox: Mailbox[dict[str, Any]] = Mailbox(INBOX)
    worker = Worker([Path(argument) for argument in sys.argv[1:]], inbox)
    if hasattr(os, "nice"):
        os.nice(settings().worker_nice)  # the app's answers come first
    # A terminal's Ctrl-C goes to the app, which then tells this process; a plain kill ends it in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: worker.interrupt())
    threading.Thread(target=read_commands, args=(sys.stdin, inbox), name="commands", daemon=True).start()
    try:
        worker.run()
        disk_full = worker.found_disk_full
    except OSError as error:
        if not is_disk_full(error):
            raise
        disk_full = True
    with contextlib.suppress(OSError):  # into a log on the same disk
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(DISK_FULL if disk_full else 0)  # the interpreter's own end would wait for the reader of stdin


if __name__ == "__main__":
    main()
