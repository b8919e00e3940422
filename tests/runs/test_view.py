import json
from pathlib import Path

import numpy as np

from sslrec.runs import view as module
from sslrec.runs.events import Event, Exhibit, Item
from sslrec.runs.store import RunFolder
from sslrec.runs.view import Digest


def step(number: int, loss: float | None = 0.5, seconds: float = 0.0) -> Event:
    figures = {"learning_rate": 0.1, "gradient_norm": 2.0, "examples_per_second": 100.0, "seconds": seconds}
    return {"event": "step", "step": number, "of": 9, "epoch": 1, "loss": loss, **figures}


def write(folder: Path, *events: Event) -> Digest:
    with (folder / "events.jsonl").open("a") as stream:
        stream.writelines(json.dumps(event) + "\n" for event in events)
    digest = Digest(RunFolder(folder))
    digest.update()
    return digest


def test_without_events_there_is_nothing(tmp_path: Path):
    curves = Digest(RunFolder(tmp_path)).curves()
    assert curves.steps.shape == curves.loss.shape == (0,)


def test_a_loss_that_was_no_number_is_a_gap(tmp_path: Path):
    curves = write(tmp_path, step(1), step(2, None)).curves()
    np.testing.assert_array_equal(curves.loss, [0.5, np.nan])


def test_long_curves_are_thinned_evenly_and_end_with_the_latest_step(tmp_path: Path):
    total = 10 * module.POINTS + 3
    curves = write(tmp_path, *(step(number, 1 / number) for number in range(1, total + 1))).curves()
    assert module.POINTS <= len(curves.steps) <= 2 * module.POINTS + 1
    assert curves.steps[0] == 1
    assert curves.steps[-1] == total
    assert len(set(np.diff(curves.steps[1:-1]))) == 1
    np.testing.assert_allclose(curves.loss, 1 / curves.steps)


def test_a_resumed_run_forgets_what_came_after_its_checkpoint(tmp_path: Path):
    change = {"event": "learning_rate", "step": 4, "before": 1.0, "after": 0.5, "reason": "hand", "params": {}}
    epoch = {"event": "epoch", "step": 5, "epoch": 1, "loss": 0.4, "seconds": 1.0, "validation_loss": 0.6, "hits": 0.9}
    shown = {"event": "exhibit", **Exhibit(5, 1, "classes", (), ()).to_json()}
    seen = [step(1), step(2), step(3), step(4, 0.1), change, step(5), epoch, shown]
    digest = write(tmp_path, {"event": "started", "step": 0, "of": 9}, *seen)
    assert digest.epochs[0].figures == {"hits": 0.9}
    assert digest.epochs[0].validation_loss == 0.6
    resumed = write(tmp_path, {"event": "resumed", "step": 3, "of": 9}, step(4, 0.2))
    assert (resumed.epochs, resumed.changes, resumed.exhibits) == ([], [], [])
    np.testing.assert_array_equal(resumed.curves().steps, [1, 2, 3, 4])
    np.testing.assert_array_equal(resumed.curves().loss, [0.5, 0.5, 0.5, 0.2])
    assert resumed.started == {"of": 9}
    digest.update()  # and so does one who had seen it all
    np.testing.assert_array_equal(digest.curves().loss, resumed.curves().loss)


def test_pictures_of_many_moments_are_thinned_and_share_their_inputs(tmp_path: Path):
    inputs = (Item(("data:,a",)),)
    events = [
        {"event": "exhibit", **Exhibit(n, n, "classes", inputs, (Item(text=str(n)),)).to_json()} for n in range(200)
    ]
    digest = write(tmp_path, *events)
    assert len(digest.exhibits) <= module.EXHIBITS + 1
    assert (digest.exhibits[0].step, digest.exhibits[-1].step) == (0, 199)
    assert [e.step for e in digest.exhibits] == sorted({e.step for e in digest.exhibits})
    assert len({id(e.inputs) for e in digest.exhibits}) == 1
    assert digest.exhibits[-1].outputs == (Item(text="199"),)


def test_the_rest_takes_as_long_as_the_last_steps_by_the_clock(tmp_path: Path):
    # The first step takes 8 s, the others 2 s each, of which the loop itself counts 0.1.
    digest = write(tmp_path, *(step(number, seconds=6 + 2 * number) for number in range(1, 4)))
    assert digest.seconds_of(6) == 12.0
    assert write(tmp_path, step(4, seconds=14)).seconds_of(0) == 0.0


def test_how_long_the_rest_takes_is_not_told_too_early(tmp_path: Path):
    assert write(tmp_path, step(1, seconds=8), step(2, seconds=10)).seconds_of(7) is None


def test_a_pause_does_not_make_the_rest_take_longer(tmp_path: Path):
    paused = [{"event": "status", "step": 3, "status": name, "message": None} for name in ("paused", "running")]
    before = [step(number, seconds=float(number)) for number in (1, 2, 3)]
    digest = write(tmp_path, *before, *paused, *(step(number, seconds=100.0 + number) for number in (4, 5, 6)))
    assert digest.seconds_of(3) == 3.0
