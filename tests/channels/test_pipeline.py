"""The pipeline: what arrives, what is rejected, how much is under way, and that nothing stays behind."""

import gc
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from sslrec.channels import Batch, Cancelled, ChannelStatistics, Counts, Pipeline, Reject, Rejected, Row, Stage
from sslrec.errors import ImageError

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def rows(count: int) -> Iterator[Row]:
    return (Row(number, {"image": number, "text": str(number)}, extra=-number) for number in range(count))


def numbers(batch: Batch) -> list[int]:
    return [key for key in batch.keys if isinstance(key, int)]


def same(value: Any) -> Any:
    return value


def delivered(pipeline: Pipeline) -> list[Any]:
    with pipeline:
        return [key for batch in pipeline for key in batch.keys]


def consume(pipeline: Pipeline, use: Callable[[Batch], object]) -> None:
    for batch in pipeline:
        use(batch)


BOTH = {"image": (Stage("decode", same),), "text": (Stage("tokenize", same),)}


@pytest.mark.parametrize("ordered", [False, True])
def test_every_item_comes_out_once_with_the_parts_that_belong_together(ordered: bool):
    stages = {
        "image": (
            Stage("decode", lambda number: number * 2, workers=3),
            Stage("encode", lambda numbers: [number + 1 for number in numbers], workers=2, batch=7),
        ),
        "text": (Stage("tokenize", lambda text: text + "!", workers=2),),
        "price": (),
    }
    source = (
        Row(n, {"image": n if n % 3 else None, "text": str(n) if n % 2 or n % 3 == 0 else None, "price": n / 2}, -n)
        for n in range(300)
    )
    batches: list[Batch] = []
    with Pipeline(source, stages, batch_size=16, capacity=5, ordered=ordered) as pipeline:
        batches.extend(pipeline)
    assert [len(batch) for batch in batches] == [16] * 18 + [12]
    keys = [key for batch in batches for key in batch.keys]
    assert keys == list(range(300)) if ordered else sorted(keys) == list(range(300))
    for batch in batches:
        for place, n in enumerate(numbers(batch)):
            assert batch.parts["image"][place] == (n * 2 + 1 if n % 3 else None)
            assert batch.parts["text"][place] == (f"{n}!" if n % 2 or n % 3 == 0 else None)
            assert (batch.parts["price"][place], batch.extras[place]) == (n / 2, -n)
    assert pipeline.counts() == Counts(300, 300, 0, 0)
    assert pipeline.rejected == []


def test_rows_with_one_key_keep_their_own_parts():
    found = [(0, 0)]
    source = (Row("twin", {"image": number, "text": number}) for number in range(100))
    slow = Stage("decode", lambda number: time.sleep(number % 3 / 2000) or number, workers=4)
    with Pipeline(source, {**BOTH, "image": (slow,)}) as pipeline:
        found = [pair for batch in pipeline for pair in zip(*batch.parts.values(), strict=True)]
    assert sorted(found) == [(number, number) for number in range(100)]


def test_nothing_in_nothing_out():
    assert delivered(Pipeline([], BOTH)) == []
    pipeline = Pipeline([Row("a", {}), Row("b", {"image": None})], BOTH)
    assert delivered(pipeline) == []
    assert [(found.key, found.stage, str(found.error)) for found in pipeline.rejected] == [
        ("a", "source", "the item has no parts"),
        ("b", "source", "the item has no parts"),
    ]


def decode(number: int) -> int:
    if number % 10 == 3:
        raise ImageError("image_empty", name=str(number))
    if number % 10 == 4:
        raise Reject("a four")
    return number


def tokenize(text: str) -> str:
    if text.endswith(("4", "5")):
        raise Reject("no word")
    return text


FAILING = {"image": (Stage("decode", decode, workers=2), Stage("encode", same)), "text": (Stage("tokenize", tokenize),)}


@pytest.mark.parametrize("ordered", [False, True])
def test_an_item_of_which_a_part_fails_is_rejected_and_the_others_go_on(ordered: bool):
    told: list[Rejected] = []
    pipeline = Pipeline(rows(100), FAILING, ordered=ordered, on_reject=told.append, capacity=3, batch_size=8)
    assert sorted(delivered(pipeline)) == [number for number in range(100) if number % 10 not in (3, 4, 5)]
    assert pipeline.counts() == Counts(100, 70, 30, 0)
    assert pipeline.rejected == told
    by_key = {found.key: found for found in told}
    assert len(by_key) == len(told) == 30
    assert all(found.whole for found in told)
    empty = by_key[13]
    assert (empty.modality, empty.stage) == ("image", "decode")
    assert isinstance(empty.error, ImageError)
    assert (empty.error.code, empty.error.params) == ("image_empty", {"name": "13"})
    assert (by_key[15].modality, by_key[15].stage, str(by_key[15].error)) == ("text", "tokenize", "no word")


@pytest.mark.parametrize("ordered", [False, True])
def test_a_part_that_fails_can_be_left_out_while_another_is_there(ordered: bool):
    with Pipeline(rows(100), FAILING, ordered=ordered, reject="part") as pipeline:
        found = {
            key: parts
            for batch in pipeline
            for key, *parts in zip(batch.keys, batch.parts["image"], batch.parts["text"], strict=True)
        }
    assert pipeline.counts() == Counts(100, 90, 10, 20)
    assert found[13] == [None, "13"]
    assert found[15] == [15, None]
    assert found[16] == [16, "16"]
    assert {key % 10 for key in range(100) if key not in found} == {4}
    whole = [rejected for rejected in pipeline.rejected if rejected.whole]
    assert sorted((rejected.key, rejected.modality) for rejected in whole) == [
        (number, modality) for number in range(4, 100, 10) for modality in ("image", "text")
    ]
    assert len(pipeline.rejected) == 40


def test_what_the_source_could_not_read_is_rejected_too():
    source = [Row("a", {"image": ImageError("image_missing", name="a.png"), "text": "a"}), Row("b", {"text": "b"})]
    pipeline = Pipeline(source, BOTH)
    assert delivered(pipeline) == ["b"]
    assert [(found.key, found.modality, found.stage) for found in pipeline.rejected] == [("a", "image", "source")]
    pipeline = Pipeline(source, BOTH, reject="part")
    assert sorted(delivered(pipeline)) == ["a", "b"]


def test_in_a_batch_the_one_that_fails_fails_alone():
    def encode(numbers: list[int]) -> list[Any]:
        if any(number % 10 == 3 for number in numbers):
            raise Reject("a three")
        return [Reject("a five") if number % 10 == 5 else number for number in numbers]

    stages = {"image": (Stage("encode", encode, batch=8, workers=2),)}
    pipeline = Pipeline((Row(number, {"image": number}) for number in range(60)), stages)
    assert sorted(delivered(pipeline)) == [number for number in range(60) if number % 10 not in (3, 5)]
    assert sorted(str(found.error) for found in pipeline.rejected) == ["a five"] * 6 + ["a three"] * 6


def test_of_very_many_failures_the_first_are_kept_and_all_are_counted():
    pipeline = Pipeline(rows(500), {**BOTH, "text": (Stage("fail", _refuse),)}, keep_rejected=20)
    assert delivered(pipeline) == []
    assert len(pipeline.rejected) == 20
    assert pipeline.counts() == Counts(500, 0, 500, 0)


def _refuse(value: Any) -> Any:
    try:
        raise KeyError("inner")
    except KeyError as error:
        raise Reject("no") from error


def test_rejected_parts_leave_nothing_of_their_data_in_memory():
    seen: list[weakref.ref] = []

    def source() -> Iterator[Row]:
        for number in range(50):
            picture = np.zeros(1000)
            seen.append(weakref.ref(picture))
            yield Row(number, {"image": picture})

    pipeline = Pipeline(source(), {"image": (Stage("decode", _refuse),)})
    assert delivered(pipeline) == []
    gc.collect()
    assert len(pipeline.rejected) == 50
    assert [reference for reference in seen if reference() is not None] == []


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("slow", ["image", "text", "consumer"])
def test_however_slow_one_part_is_only_so_many_items_are_under_way(ordered: bool, slow: str):
    alive, most, lock = [0], [0], threading.Lock()

    class Counted:
        def __init__(self) -> None:
            with lock:
                alive[0] += 1
                most[0] = max(most[0], alive[0])

        def __del__(self) -> None:
            with lock:
                alive[0] -= 1

    def source() -> Iterator[Row]:
        for number in range(200):
            yield Row(number, {"image": Counted(), "text": Counted() if number % 4 else None})

    def wait(value: Counted) -> Counted:
        time.sleep(0.002)
        return value

    stages = {
        name: (Stage("first", same, workers=2), Stage("second", wait if slow == name else same))
        for name in ("image", "text")
    }
    count, batch = 0, None
    with Pipeline(source(), stages, capacity=4, batch_size=8, ordered=ordered, window=12) as pipeline:
        assert pipeline.in_flight_limit == 12 + 4 + 8
        for batch in pipeline:
            count += len(batch)
            counts = pipeline.counts()
            assert counts.read - counts.delivered <= pipeline.in_flight_limit
            time.sleep(0.01 if slow == "consumer" else 0)
    assert count == 200
    # Two parts each; the last batch is still in the caller's hand, and one more in the making.
    assert most[0] <= 2 * (pipeline.in_flight_limit + 8)
    batch = None
    gc.collect()
    assert alive[0] == 0


def test_in_order_a_late_first_item_holds_the_source_back():
    first = threading.Event()
    stages = {"image": (Stage("decode", lambda number: number or first.wait(20) or number, workers=2),)}
    source = (Row(number, {"image": number}) for number in range(200))
    with Pipeline(source, stages, ordered=True, window=10, capacity=5, batch_size=4) as pipeline:
        limit = time.monotonic() + 10
        while not pipeline.statistics()["join"].waiting_senders and time.monotonic() < limit:
            time.sleep(0.001)
        assert pipeline.counts() == Counts(10, 0, 0, 0)
        first.set()
        assert [key for batch in pipeline for key in batch.keys] == list(range(200))


def test_with_hardly_any_room_it_goes_on_all_the_same():
    stages = {
        name: (Stage("a", same, workers=3), Stage("b", lambda values: values, batch=4, workers=2))
        for name in ("image", "text")
    }
    for ordered in (False, True):
        pipeline = Pipeline(rows(12), stages, capacity=1, window=1, batch_size=3, ordered=ordered)
        assert sorted(delivered(pipeline)) == list(range(12))


def test_a_mistake_in_a_stage_comes_out_of_the_loop_with_its_traceback():
    def decode(number: int) -> float:
        return 1 / (number - 70)

    stages = {**BOTH, "image": (Stage("decode", decode, workers=2),)}
    with Pipeline(rows(10_000), stages, batch_size=4) as pipeline, pytest.raises(ZeroDivisionError) as caught:
        list(pipeline)
    assert pipeline.counts().read < 10_000
    assert "return 1 / (number - 70)" in "".join(traceback.format_exception(caught.value))
    assert caught.value.__notes__ == ["in the stage 'image.decode' with the item 70"]
    assert not pipeline.cancelled


def _broken_source() -> Iterator[Row]:
    yield from rows(3)
    raise OSError("the disk is gone")


def _stop(_: Any) -> Any:
    raise StopIteration


@pytest.mark.parametrize(
    ("source", "stage", "options", "error", "text"),
    [
        (_broken_source(), Stage("decode", same), {}, OSError, "the disk is gone"),
        (rows(9), Stage("decode", lambda values: values[1:], batch=2), {}, ValueError, "returned . results for . val"),
        (rows(9), Stage("decode", _stop), {}, RuntimeError, "StopIteration"),
        (rows(9), Stage("decode", lambda: 1 / 0, per_worker=True), {}, ZeroDivisionError, "division"),
        (rows(9), Stage("decode", _refuse), {"on_reject": lambda found: 1 / 0}, ZeroDivisionError, "division"),
        ([Row(1, {"sound": 2})], Stage("decode", same), {}, ValueError, "row 1 has parts without stages: sound"),
        ([7], Stage("decode", same), {}, AttributeError, "parts"),
    ],
    ids=["source", "results", "stop", "worker", "on_reject", "modality", "row"],
)
def test_other_mistakes_come_out_of_the_loop(source: Any, stage: Stage, options: Any, error: type, text: str):
    with (
        Pipeline(source, {"image": (stage,), "text": ()}, **options) as pipeline,
        pytest.raises(error, match=text),
    ):
        list(pipeline)


def test_leaving_early_stops_everything_and_closes_the_source_where_it_runs():
    closed_in = []

    def source() -> Iterator[Row]:
        try:
            yield from rows(1_000_000)
        finally:
            closed_in.append(threading.current_thread().name)

    with Pipeline(source(), BOTH, batch_size=4) as pipeline:
        for _ in pipeline:
            break
    assert closed_in == ["pipeline source"]
    assert pipeline.counts().read < 1000
    assert all(found.waiting_senders == found.waiting_receivers == 0 for found in pipeline.statistics().values())
    assert all(found.buffer_used == 0 for found in pipeline.statistics().values())
    with pytest.raises(RuntimeError, match="was left before its end"):
        next(iter(pipeline))


def test_an_error_of_the_consumer_is_its_own():
    with pytest.raises(KeyError, match="mine"), Pipeline(rows(1_000_000), BOTH) as pipeline:
        consume(pipeline, lambda _: {}["mine"])


@pytest.mark.parametrize("busy", ["source", "stage", "consumer"])
def test_cancel_from_another_thread_stops_within_a_second(busy: str):
    wait = threading.Event().wait
    cancelled_at: list[float] = []

    def source() -> Iterator[Row]:
        for row in rows(1_000_000):
            wait(0.05 if busy == "source" else 0)
            yield row

    def cancel() -> None:
        cancelled_at.append(time.monotonic())
        pipeline.cancel()

    stage = Stage("decode", lambda number: wait(0.05 if busy == "stage" else 0) or number, workers=2)
    timer = threading.Timer(0.15, cancel)
    with Pipeline(source(), {**BOTH, "image": (stage,)}, batch_size=5) as pipeline:
        timer.start()
        with pytest.raises(Cancelled):
            consume(pipeline, lambda _: wait(0.05 if busy == "consumer" else 0))
    assert time.monotonic() - cancelled_at[0] < 1
    assert pipeline.cancelled
    timer.join()


def test_cancelled_before_it_begins_or_after_its_end():
    pipeline = Pipeline(rows(9), BOTH)
    pipeline.cancel()
    with pytest.raises(Cancelled), pipeline:
        pass
    pipeline = Pipeline(rows(9), BOTH)
    assert len(delivered(pipeline)) == 9
    pipeline.cancel()
    assert not pipeline.cancelled
    assert list(pipeline) == []


def test_it_runs_once_and_only_in_its_block():
    pipeline = Pipeline(rows(9), BOTH)
    with pytest.raises(RuntimeError, match="iterate over it in its 'with' block"):
        next(iter(pipeline))
    assert len(delivered(pipeline)) == 9
    with pytest.raises(RuntimeError, match="a pipeline runs once"), pipeline:
        pass


def test_each_worker_can_have_a_function_of_its_own():
    made, used = [], set()

    def make() -> Any:
        mine = threading.get_ident()
        made.append(mine)

        def encode(number: int) -> int:
            assert threading.get_ident() == mine
            used.add(mine)
            time.sleep(0.001)
            return number

        return encode

    stages = {**BOTH, "image": (Stage("encode", make, workers=3, per_worker=True),)}
    assert len(delivered(Pipeline(rows(60), stages))) == 60
    assert len(set(made)) == len(made) == 3
    assert used == set(made)


def test_statistics_name_every_channel_in_order_and_add_up():
    stages = {"image": (Stage("decode", same), Stage("encode", same)), "text": (Stage("tokenize", same),)}
    pipeline = Pipeline(rows(50), stages, capacity=3)
    before = pipeline.statistics()
    assert list(before) == ["image.decode", "image.encode", "text.tokenize", "join", "joined"]
    assert before["image.decode"] == ChannelStatistics(0, 3, 0, 0, 1, 1, 0, 0, 0.0, 0.0)
    assert len(delivered(pipeline)) == 50
    after = pipeline.statistics()
    for name in ("image.decode", "image.encode", "text.tokenize", "joined"):
        assert (after[name].sent, after[name].received) == (50, 50)
    assert after["join"].buffer_used == 0


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"batch_size": 0}, "batch_size is 0; it must be at least 1"),
        ({"capacity": 0}, "capacity is 0"),
        ({"window": 0}, "window is 0"),
    ],
)
def test_numbers_that_make_no_pipeline_are_refused(options: Any, text: str):
    with pytest.raises(ValueError, match=text):
        Pipeline([], BOTH, **options)


def test_stages_that_make_no_pipeline_are_refused():
    with pytest.raises(ValueError, match="workers of the stage 'decode' is 0"):
        Stage("decode", same, workers=0)
    with pytest.raises(ValueError, match="batch of the stage 'decode' is 0"):
        Stage("decode", same, batch=0)
    with pytest.raises(ValueError, match=r"there are two stages 'image\.a'"):
        Pipeline([], {"image": (Stage("a", same), Stage("a", same))})
