"""Which words of somebody's catalogue are worth asking for."""

from sslrec.ui.own_words import frequent_colour, frequent_phrases


def known(word):
    return word != "vvkkww"


def test_words_that_often_stand_together_come_first_then_single_ones():
    titles = [
        "Red running shoes",
        "Blue running shoes",
        "Green running shoes",
        *["Wool hat"] * 2,
        "Straw hat",
        *"abcde",
    ]
    assert frequent_phrases(titles, known, 2) == ["running shoes", "hat"]
    assert frequent_phrases(titles, known, 1) == ["running shoes"]


def test_what_nearly_all_have_rare_unknown_and_idle_words_are_passed_over():
    titles = [f"Acme women vvkkww mug {number}" for number in range(10)] + ["Acme teapot"] * 2
    assert frequent_phrases(titles, known, 3) == []
    assert frequent_phrases([], known, 3) == []


def test_no_word_is_offered_twice():
    titles = [*["green tea cup"] * 3, *["tea pot"] * 3, *["x"] * 6]
    words = " ".join(frequent_phrases(titles, known, 5)).split()
    assert len(words) == len(set(words))
    assert "tea" in words


def test_a_product_is_asked_for_in_the_colour_that_most_others_have():
    titles = ["Red mug", *["Blue mug"] * 3, *["Green mug"] * 4]
    assert frequent_colour(titles, ("red", "green", "blue"), "Red mug") == "green"
    assert frequent_colour(titles, ("red", "green", "blue"), "Green mug") == "blue"
    assert frequent_colour(titles, ("red", "green", "blue"), "A mug") is None
    assert frequent_colour(["Red mug", "Blue mug"], ("red", "blue"), "Red mug") is None
