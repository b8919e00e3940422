"""Labels by which choices are told apart."""

from sslrec.ui.labels import ending, short_labels, unique_labels


def test_a_label_that_occurs_already_gets_a_number():
    assert unique_labels(["a", "b", "c", "d"], {"a": "x", "b": "x", "c": "y", "d": "x"}.__getitem__) == {
        "a": "x",
        "b": "x (2)",
        "c": "y",
        "d": "x (3)",
    }


def test_a_number_is_none_that_somebody_else_is_called_by():
    labels = unique_labels(range(4), ["x", "x", "x (2)", "x (2)"].__getitem__)
    assert labels == {0: "x", 1: "x (3)", 2: "x (2)", 3: "x (2) (2)"}


def test_of_a_long_text_the_end_stays():
    assert ending("Kitchen", 7) == "Kitchen"
    assert ending("Kitchen > Whisks", 7) == "…Whisks"


def test_of_long_texts_that_end_alike_the_beginnings_stay_too():
    texts = ["Women > Shoes > Trainers", "Men > Shoes > Trainers", "Home > Kitchen > Whisks", "Shoes"]
    assert short_labels(texts, 16) == {
        texts[0]: "Women > …rainers",
        texts[1]: "Men > Sh…rainers",
        texts[2]: "…itchen > Whisks",
        texts[3]: "Shoes",
    }
    assert all(len(label) <= 15 for label in short_labels(texts, 15).values())
