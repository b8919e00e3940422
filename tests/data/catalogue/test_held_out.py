import zlib

import numpy as np

from sslrec.data.catalogue import held_out, is_held_out


def test_the_rule_is_the_checksum_of_the_plain_name():
    names = [f"Product {number}" for number in range(2000)]
    expected = [zlib.crc32(name.lower().encode()) % 10 == 0 for name in names]
    assert [is_held_out(name) for name in names] == expected
    np.testing.assert_array_equal(held_out(names), expected)
    assert 150 < sum(expected) < 250


def test_case_and_outer_spaces_do_not_decide():
    for name in ("Red Mug", "ÄRMEL", "白色T恤"):
        assert is_held_out(name) == is_held_out(f"  {name.upper()} \n") == is_held_out(name.lower())


def test_no_names_give_an_empty_array():
    assert held_out([]).shape == (0,)
    assert held_out([]).dtype == bool
