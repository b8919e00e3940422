"""What can be chosen before a training."""

import subprocess
import sys

import pytest

from sslrec.config import ROOT
from sslrec.data import corpora
from sslrec.ui.training_choices import PRESETS, RACES, data_on_disk


def test_every_preset_learns_from_what_comes_with_the_app():
    for preset in (*PRESETS.values(), *RACES.values()):
        for config in preset.configs:
            assert config.data == config.spec.data[0]
            assert data_on_disk(config.data).here


def test_the_text_corpora_are_as_large_as_their_files(tmp_path, set_variables):
    set_variables(DATA=tmp_path)
    assert not data_on_disk("text").here
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / corpora.FILES["wikitext2"][0]).write_bytes(b"0" * 1_000_000)
    assert not data_on_disk("text").here  # half of a corpus is none
    for name in (corpora.FILES["wikitext2"][1], corpora.FILES["gutenberg"][0]):
        (folder / name).write_bytes(b"0" * 1_000_000)
    assert data_on_disk("text").here
    assert data_on_disk("text").megabytes == pytest.approx(3.0)


def test_the_built_in_words_are_here_where_the_catalogue_is(tmp_path, set_variables):
    set_variables(ASSETS=tmp_path)
    assert not data_on_disk("builtin").here


def test_looking_for_data_reads_none_and_needs_no_reader():
    script = (
        "import sys\nfrom sslrec.ui.training_choices import data_on_disk\n"
        "print([data_on_disk(name).here for name in ('builtin', 'text')])\n"
        "assert not {'pyarrow', 'tokenizers', 'keras'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
