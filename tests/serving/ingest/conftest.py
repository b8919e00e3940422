"""A small recommender, and a look at what an ingest leaves behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from sslrec.config import settings
from sslrec.serving.recommender import Recommender
from tests.recommenders import tiny_assets


@pytest.fixture(scope="session")
def shared() -> Recommender:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSLREC_ASSETS", str(tiny_assets()))
        settings.cache_clear()
        recommender = Recommender()
        # All that it reads is read now: other tests of this process see the assets of the repository.
        recommender.warm_up()
    settings.cache_clear()
    return recommender


@pytest.fixture
def recommender(shared: Recommender) -> Iterator[Recommender]:
    """A recommender; whoever used it leaves no thread."""
    before = threading.active_count()
    yield shared
    assert threading.active_count() <= before
