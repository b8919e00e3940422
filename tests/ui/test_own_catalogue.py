"""Who may keep catalogues on the machine, and what the choices among catalogues are called."""

from types import SimpleNamespace

import pytest

from sslrec.ui import own_catalogue
from sslrec.ui.own_catalogue import KEPT, KEY, OWN, may_keep
from sslrec.ui.recommend_examples import labels_of_catalogues

HERE = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


def visit(monkeypatch, headers, address=None):
    context = SimpleNamespace(headers=headers, ip_address=address)
    monkeypatch.setattr(own_catalogue.st, "context", context)


@pytest.mark.parametrize(
    ("headers", "address", "expected"),
    [
        (HERE, None, True),
        ({"Host": "127.0.0.1:8501", "Origin": "http://127.0.0.1:8501"}, None, True),
        ({"Host": "[::1]:8501", "Origin": "http://[::1]:8501"}, None, True),
        (HERE, "::ffff:127.0.0.1", True),
        (HERE, "::ffff:192.0.2.7", False),
        (HERE, "192.0.2.7", False),
        ({}, None, False),
        ({"Host": "localhost:8501"}, None, False),
        # A proxy on the same machine, with and without saying so, and a name that was bent to this machine.
        ({**HERE, "X-Forwarded-For": "192.0.2.7"}, None, False),
        ({"Host": "localhost:8501", "Origin": "https://demo.example"}, None, False),
        ({"Host": "evil.example:8501", "Origin": "http://evil.example:8501"}, None, False),
        ({"Host": "localhost.evil.example", "Origin": "http://localhost.evil.example"}, None, False),
        ({"Host": "localhost:8501", "Origin": "http://[broken"}, None, False),
        ({"Host": "localhost:8501", "Origin": "null"}, None, False),
    ],
)
def test_who_sits_at_the_machine_may_keep(monkeypatch, set_variables, headers, address, expected):
    monkeypatch.delenv("SSLREC_KEEP_CATALOGUES", raising=False)
    set_variables()
    visit(monkeypatch, headers, address)
    assert may_keep() is expected


@pytest.mark.parametrize(("said", "expected"), [("1", True), ("0", False)])
def test_the_setting_decides_for_everybody(monkeypatch, set_variables, said, expected):
    set_variables(KEEP_CATALOGUES=said)
    visit(monkeypatch, {} if expected else HERE, "192.0.2.7" if expected else None)
    assert may_keep() is expected


def test_no_two_catalogues_are_called_the_same(monkeypatch):
    monkeypatch.setattr(own_catalogue.st, "session_state", {KEY: SimpleNamespace(name="shoes *new*")})
    autumn, winter = f"{KEPT}spring and summer of the year 2026", f"{KEPT}spring and summer of the year 2025"
    labels = labels_of_catalogues(["builtin", OWN, f"{KEPT}shoes *new*", autumn, winter])
    assert list(labels.values()) == [
        "Drawn products",
        r"shoes \*new\* \(yours\)",
        r"shoes \*new\*",
        "spring and summer of the ye…",
        "spring and summer of the ye… (2)",
    ]
