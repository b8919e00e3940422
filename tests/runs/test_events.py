import json
from typing import Any

import pytest

from sslrec.data import shops
from sslrec.errors import MESSAGES, PolicyError, RunError, SslrecError
from sslrec.runs.events import ENDED, Exhibit, Item, Message, RunConfig, Status
from sslrec.runs.tasks import TASKS


def test_a_configuration_survives_json():
    config = RunConfig("classifier", "digits", "auto", 0.01, 3, 32, 7, {"budget": "all"})
    assert RunConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize(
    ("task", "data", "rate", "policy"),
    [
        ("autoencoder", "digits", None, "auto"),
        ("language", "builtin", None, "auto"),
        ("autoencoder", "mnist", None, "auto"),
        ("multimodal", shops.FASHION, None, "auto"),
        ("adapt", shops.OWN, None, "cosine"),
        ("autoencoder", "digits", 0.01, "cosine"),  # auto would not go by the rate
    ],
)
def test_where_no_policy_is_named_the_task_and_the_rate_say_which(
    task: str, data: str, rate: float | None, policy: str
):
    config = RunConfig(task, data, learning_rate=rate)
    assert config.policy == policy
    assert "--policy" not in config.command
    assert RunConfig.from_json(config.to_json()) == config
    assert "--policy plateau" in RunConfig(task, data, "plateau", rate).command


@pytest.mark.parametrize(("start", "policy"), [("scratch", "auto"), ("auto", "cosine"), ("pretrained", "cosine")])
def test_a_classifier_that_starts_from_an_encoder_keeps_to_its_tuned_rate(start: str, policy: str):
    config = RunConfig("classifier", "digits", options={"start": start})
    assert config.policy == policy
    assert "--policy" not in config.command
    assert "--policy auto" in RunConfig("classifier", "digits", "auto").command


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"task": "juggling"}, "There is no task named 'juggling'; choose one of: autoencoder, encoder, classifier"),
        ({"data": "movielens"}, "The task 'autoencoder' does not learn from 'movielens'; choose one of: digits, mnist"),
        ({"policy": "hope"}, "There is no learning-rate policy named 'hope'; choose one of: "),
        ({"learning_rate": 0}, "A learning rate of 0 trains nothing"),
        ({"learning_rate": float("nan")}, "A learning rate of nan trains nothing"),
        ({"learning_rate": float("inf")}, "A learning rate of inf trains nothing"),
        ({"learning_rate": 1e39}, "A learning rate of 1e+39 trains nothing"),
        ({"learning_rate": 1e-46}, "A learning rate of 1e-46 trains nothing"),
        ({"learning_rate": "fast"}, "A learning rate of fast trains nothing"),
        ({"learning_rate": True}, "A learning rate of True trains nothing"),
        ({"epochs": 0}, "'epochs' is 0; choose a whole number from 1 to 10000."),
        ({"epochs": 1.5}, "'epochs' is 1.5; choose a whole number"),
        ({"batch_size": 10**9}, "'batch_size' is 1000000000; choose a whole number from 1 to 16384."),
        ({"seed": -1}, "'seed' is -1; choose a whole number from 0"),
        ({"seed": 2**31 - 1000}, "'seed' is 2147482648; choose a whole number from 0 to 2147482647."),
        ({"seed": None}, "'seed' is None; choose a whole number from 0"),
        ({"options": {"colour": "red"}}, "has no option 'colour'; its options: code, denoise."),
        ({"options": {"code": 785}}, "'code' is 785; choose a whole number from 1 to 784."),
        ({"options": {"code": "64"}}, "'code' is 64; choose a whole number from 1 to 784."),
        ({"options": {"denoise": 1}}, "The option 'denoise' is '1'; choose one of: true, false."),
        ({"task": "classifier", "options": {"budget": 10}}, "The option 'budget' is '10'; choose one of: 1, 10, 100"),
        ({"task": "encoder", "options": {"code": 1}}, "has no option 'code'; its options: none."),
    ],
)
def test_what_is_wrong_is_said(given: dict[str, Any], message: str):
    with pytest.raises(SslrecError) as caught:
        RunConfig(**{"task": "autoencoder", "data": "digits", **given})
    assert message in str(caught.value)
    assert isinstance(caught.value, RunError | PolicyError)


@pytest.mark.parametrize("fields", [{}, {"task": "autoencoder"}, {"task": "encoder", "data": "digits", "colour": 1}])
def test_fields_that_are_no_configuration_are_refused(fields: dict[str, Any]):
    with pytest.raises(RunError, match="These settings are no training run"):
        RunConfig.from_json(fields)


@pytest.mark.parametrize(
    ("config", "name", "command"),
    [
        (
            RunConfig("autoencoder", "mnist", options={"code": 32}),
            "autoencoder-32",
            "autoencoder --data mnist --code 32",
        ),
        (
            RunConfig("autoencoder", "digits", options={"denoise": True}, seed=3),
            "denoiser-64-digits",
            "autoencoder --data digits --denoise --seed 3",
        ),
        (
            RunConfig("classifier", "digits", "plateau", 0.5, 2, 16, options={"budget": "all"}),
            "digit-classifier-all-digits",
            "classifier --data digits --budget all --policy plateau --learning-rate 0.5 --epochs 2 --batch-size 16",
        ),
        # It would take the shipped recommender's place under its name.
        (
            RunConfig("multimodal", shops.FASHION, options={"size": "tiny"}),
            "recommender-tiny",
            "multimodal --data fashion_products --size tiny",
        ),
        (
            RunConfig("multimodal", "builtin", options={"start": "scratch"}),
            "recommender-scratch-builtin",
            "multimodal --data builtin --start scratch",
        ),
    ],
)
def test_a_configuration_names_its_model_and_its_command(config: RunConfig, name: str, command: str):
    assert config.name == name
    assert config.command == f"python -m sslrec train {command}"


@pytest.mark.parametrize("task", TASKS)
def test_every_task_trains_without_a_download(task: str):
    config = RunConfig(task, TASKS[task].data[0])
    # An adaptation's data are the visitor's own.
    assert config.data in ("digits", "builtin", "own_catalogue")
    assert config.all_options.keys() == TASKS[task].options.keys()


def test_every_status_lives_or_has_ended():
    assert {status for status in Status if status.alive} == set(Status) - ENDED
    assert all(status in ENDED for status in Status if status.resumable)
    assert not Status.FINISHED.resumable


def test_an_exhibit_survives_json():
    exhibit = Exhibit(3, 1, "classes", (Item(("data:,",), "7"),), (Item(text="1", value=0.5, right=False),))
    assert Exhibit.from_json(json.loads(json.dumps({"event": "exhibit", **exhibit.to_json()}))) == exhibit


def test_a_message_is_a_sentence():
    assert str(Message("run_diverged", {"first": 0.7, "loss": 12345.678, "step": 9})) == (
        "The loss rose from 0.7 to 1.235e+04 by step 9; start again with a lower learning rate."
    )
    assert {"run_left", "run_crashed", "run_disk_full", "run_not_finite", "run_interrupted"} <= set(MESSAGES)
