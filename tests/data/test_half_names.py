from sslrec.data.half_names import half_names


def test_half_a_name_is_half_its_words_in_their_order():
    names = ["Puma Men Black Running Shoes", "One", "a b c d", ""]
    halves = half_names(names, seed=5)
    assert [len(half.split()) for half in halves] == [3, 1, 2, 0]
    for name, half in zip(names, halves, strict=True):
        rest = iter(name.split())
        assert all(word in rest for word in half.split())
    assert half_names(names, seed=5) == halves
