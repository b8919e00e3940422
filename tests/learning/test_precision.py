from pathlib import Path

import keras
import pytest

from sslrec.learning import precision


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ("processor : 0\nflags\t\t: fpu avx2 avx512f amx_bf16 amx_tile\n", "mixed_bfloat16"),
        ("flags : avx512f avx512_bf16\n", "mixed_bfloat16"),
        ("Features : fp asimd i8mm bf16\n", "mixed_bfloat16"),
        ("flags : fpu sse2 avx2 avx512f\nbf16 : in another line\n", "float32"),
        ("", "float32"),
        (None, "float32"),
    ],
)
def test_bfloat16_is_for_machines_that_compute_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str | None, policy: str
):
    monkeypatch.setattr(precision, "CPU_INFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(precision.tf.config, "list_physical_devices", lambda kind: [])
    if said is not None:
        (tmp_path / "cpuinfo").write_text(said, "utf-8")
    before = keras.mixed_precision.global_policy()
    with precision.mixed_precision():
        assert keras.mixed_precision.global_policy().name == policy
    assert keras.mixed_precision.global_policy() is before
