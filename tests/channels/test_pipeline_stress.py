"""The pipeline under random delays, failures, mistakes and cancellation: it always ends, and its counts add up."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sslrec.channels import Cancelled, Pipeline, Reject, Row, Stage

pytestmark = pytest.mark.timeout(60)
MODALITIES = ("image", "text", "audio")


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """Modalities with stages, and for every part of every row whether it is there, slow, or fails and where."""
    names = draw(st.sampled_from([MODALITIES[:1], MODALITIES[:2], MODALITIES]))
    stages = {
        name: draw(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([1, 1, 4])), max_size=2)) for name in names
    }
    part = st.sampled_from(["there"] * 6 + ["absent", "slow", "fails early", "fails late", "unread"])
    return {
        "stages": stages,
        "rows": draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, part)), max_size=40)),
        "options": {
            "batch_size": draw(st.integers(1, 9)),
            "capacity": draw(st.integers(1, 5)),
            "ordered": draw(st.booleans()),
            "window": draw(st.sampled_from([None, 1, 3])),
            "reject": draw(st.sampled_from(["item", "part"])),
        },
    }


def step(last: bool) -> Callable[[Any], Any]:
    def one(value: tuple[int, str]) -> tuple[int, str]:
        if value[1] == "slow":
            time.sleep(0.001)
        if value[1] == ("fails late" if last else "fails early"):
            raise Reject(value[1])
        return value

    return one


def build(plan: dict[str, Any], meddle: Callable[[], None] = lambda: None, **more: Any) -> Pipeline:
    def stage(place: int, count: int, workers: int, batch: int) -> Stage:
        one = step(last=place == count - 1)

        def several(values: Any) -> Any:
            meddle()
            return one(values) if batch == 1 else [one(value) for value in values]

        return Stage(f"stage{place}", several, workers, batch)

    def source() -> Any:
        for number, parts in enumerate(plan["rows"]):
            values = {
                name: Reject(kind) if kind == "unread" else None if kind == "absent" else (number, kind)
                for name, kind in parts.items()
            }
            yield Row(number, values)

    stages = {
        name: [stage(place, len(line), *one) for place, one in enumerate(line)] for name, line in plan["stages"].items()
    }
    return Pipeline(source(), stages, **plan["options"], **more)


def fails(kind: str, stages: list) -> bool:
    # With one stage, that is the last; with none, nobody looks.
    return kind == "unread" or (kind == "fails late" and len(stages) > 0) or (kind == "fails early" and len(stages) > 1)


@settings(max_examples=35, deadline=None)
@given(plan=plans())
def test_every_item_is_delivered_or_rejected_once_and_no_other_way(plan: dict[str, Any]):
    before = threading.active_count()
    whole, impaired, found = set(), set(), {}
    for number, parts in enumerate(plan["rows"]):
        failed = {name for name, kind in parts.items() if fails(kind, plan["stages"][name])}
        there = {name for name, kind in parts.items() if kind != "absent"} - failed
        if not there or (failed and plan["options"]["reject"] == "item"):
            whole.add(number)
        elif failed:
            impaired.add(number)
    order = []
    with build(plan) as pipeline:
        for batch in pipeline:
            order += batch.keys
            for place, key in enumerate(batch.keys):
                found[key] = {name: batch.parts[name][place] for name in batch.parts}
    assert threading.active_count() == before
    assert Counter(order) == Counter(set(range(len(plan["rows"]))) - whole)
    if plan["options"]["ordered"]:
        assert order == sorted(order)
    for key, parts in found.items():
        kinds = plan["rows"][key]
        assert all(value is None or value == (key, kinds[name]) for name, value in parts.items())
        gone = {name for name, kind in kinds.items() if kind == "absent" or fails(kind, plan["stages"][name])}
        assert {name for name, value in parts.items() if value is None} == gone
    counts = pipeline.counts()
    assert (counts.read, counts.delivered) == (len(plan["rows"]), len(order))
    assert (counts.rejected, counts.impaired) == (len(whole), len(impaired))
    assert {rejected.key for rejected in pipeline.rejected if rejected.whole} == whole
    assert {rejected.key for rejected in pipeline.rejected if not rejected.whole} == impaired
    assert all(found.buffer_used == 0 for found in pipeline.statistics().values())


@settings(max_examples=35, deadline=None)
@given(plan=plans(), after=st.integers(0, 40), what=st.sampled_from(["cancel", "raise", "leave"]))
def test_cancelled_broken_or_left_at_any_moment_it_ends_at_once(plan: dict[str, Any], after: int, what: str):
    before = threading.active_count()
    calls, lock, struck = [0], threading.Lock(), []

    def meddle() -> None:
        with lock:
            calls[0] += 1
            strike = calls[0] == after + 1 and what != "leave"
        if strike:
            struck.append(time.monotonic())
            if what == "raise":
                raise ZeroDivisionError("a mistake")
            pipeline.cancel()

    got, outcome = [], None
    pipeline = build(plan, meddle)
    try:
        with pipeline:
            for batch in pipeline:
                got += batch.keys
                if what == "leave" and len(got) >= after:
                    break
    except (Cancelled, ZeroDivisionError) as error:
        outcome = type(error)
    assert threading.active_count() == before
    assert len(got) == len(set(got))
    if struck:
        assert time.monotonic() - struck[0] < 1
    # After the last item has come out, a cancellation finds nothing left to cancel.
    complete = len(got) + pipeline.counts().rejected == len(plan["rows"])
    if struck and not complete:
        assert outcome == (Cancelled if what == "cancel" else ZeroDivisionError)
