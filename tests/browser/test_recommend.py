"""The Recommend page in a real browser, on a small recommender."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from sslrec.ui.texts import CATALOGUES
from tests.browser.conftest import download, running_app, settled
from tests.browser.test_pages import CUT, WIDE
from tests.recommenders import tiny_assets

CARDS = "ul li"
ENGLISH, CHINESE = CATALOGUES["en"], CATALOGUES["zh-CN"]


@pytest.fixture(scope="module")
def shop(chromium: Browser) -> Iterator[str]:
    """Address of an app whose recommender and catalogue are small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSLREC_ASSETS", str(tiny_assets()))
        patch.delenv("SSLREC_DATA", raising=False)
        with running_app() as address:
            yield address


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_words_likes_and_a_reload(open_page, shop):
    page = open_page("/recommend", shop)
    expect(page.locator(CARDS)).to_have_count(24)
    page.get_by_role("textbox").fill("linen")
    page.get_by_role("textbox").press("Enter")
    page.wait_for_url("**q=linen**")
    expect(page.get_by_text("“linen”").first).to_be_visible()
    # Two clicks that the server sees together or apart: both count.
    hearts = page.get_by_role("button", name="Like:")
    for place in (20, 22):
        hearts.nth(place).evaluate("button => button.click()")
    expect(page.locator(".sx-likes img")).to_have_count(2)
    page.wait_for_function("location.search.split('like=').length === 3")
    settled(page)
    expect(page.get_by_role("button", name="Like:", pressed=True)).to_have_count(2)
    titles = page.locator("h4").all_inner_texts()
    page.reload()
    expect(page.locator(CARDS)).to_have_count(24)
    expect(page.get_by_role("button", name="Like:", pressed=True)).to_have_count(2)
    assert page.locator("h4").all_inner_texts() == titles
    page.get_by_role("button", name="Forget all likes").click()
    expect(page.get_by_role("button", name="Like:", pressed=True)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Like:", pressed=True)).to_have_count(2)


def test_back_undoes_a_click_at_once(open_page, shop):
    page = open_page("/recommend?q=navy&view=compare", shop)
    expect(page.locator(".sx-terms q")).to_have_text("navy")
    before, steps = page.url, page.evaluate("history.length")
    page.locator(".st-key-top button").first.click()
    page.wait_for_function("!location.search.includes('q=navy')")
    settled(page)
    assert page.evaluate("history.length") == steps + 1
    page.go_back()
    expect(page.locator(".sx-terms q")).to_have_text("navy")
    assert page.url == before


def test_more_like_this_then_words_then_the_rankings_and_the_table(open_page, shop):
    page = open_page("/recommend?q=navy", shop)
    page.get_by_role("button", name="More like this:").nth(3).click()
    page.wait_for_url("**item=**")
    page.get_by_role("textbox").fill("in red")
    page.get_by_role("textbox").press("Enter")
    expect(page.locator(".sx-gates")).to_be_visible()
    page.get_by_text("Three rankings").click()
    expect(page.locator(".sx-compare section")).to_have_count(3)
    expect(page.locator(".sx-compare li")).to_have_count(30)
    left = download(page, "Download as CSV")
    rows = list(csv.DictReader(Path(left.path()).read_text("utf-8-sig").splitlines()))
    assert len(rows) == 53
    assert asked(page)["item"][0] not in [row["item_id"] for row in rows]


def test_the_table_is_of_the_words_and_the_filters_on_the_page(open_page, shop):
    page = open_page("/recommend?q=leather&cat=Shoes&cat=Bags", shop)
    expect(page.locator(CARDS).first.locator(".score")).to_be_visible()
    # Titles are cut by lines on the screen, not in the document.
    titles = page.locator(f"{CARDS} h4").all_text_contents()
    left = download(page, "Download as CSV")
    rows = list(csv.DictReader(Path(left.path()).read_text("utf-8-sig").splitlines()))
    assert [row["title"] for row in rows][: len(titles)] == titles
    assert {row["category"] for row in rows} == {"Shoes", "Bags"}


def test_what_each_would_do_alone_is_there_for_a_finger_and_for_a_keyboard(open_page, shop, phone):
    path = "/recommend?q=navy&picture=item&item=t-shirt-001"
    for options in (phone, {}):
        page = open_page(path, shop, **options)
        card = page.locator(CARDS).filter(has=page.locator("summary")).first  # a phone's menu is a list, too
        alone = card.get_by_text("Without the words its score would be")
        expect(alone).to_be_hidden()
        opener = card.locator("summary")
        if options:
            opener.tap()
        else:
            opener.focus()
            page.keyboard.press("Enter")
        expect(alone).to_be_visible()
        settled(page)
        assert page.evaluate(WIDE) == [0, []]


def test_the_trust_stays_where_it_is_when_the_language_changes(open_page, shop):
    page = open_page("/recommend?q=navy&picture=item&item=t-shirt-001", shop)
    slider, languages = page.locator(".st-key-trust").get_by_role("slider"), page.locator(".st-key-language")
    for count, (language, learned) in enumerate((("中文", CHINESE), ("EN", ENGLISH)), 1):
        languages.get_by_text(language).click()
        expect(slider).to_have_attribute("aria-valuetext", learned["trust.learned"])
        page.locator("button.like[aria-pressed=false]").nth(5).click()
        expect(page.locator("button.like[aria-pressed=true]")).to_have_count(count)
        settled(page)
        expect(slider).to_have_attribute("aria-valuetext", learned["trust.learned"])
        assert "trust" not in asked(page)
    languages.get_by_text("中文").click()
    expect(slider).to_have_attribute("aria-valuetext", CHINESE["trust.learned"])
    slider.press("ArrowRight")
    page.wait_for_url("**trust=1**")
    languages.get_by_text("EN").click()
    expect(slider).to_have_attribute("aria-valuetext", f"{ENGLISH['trust.image']} +1")
    page.locator("button.like[aria-pressed=false]").nth(5).click()
    expect(page.locator("button.like[aria-pressed=true]")).to_have_count(3)
    settled(page)
    assert asked(page)["trust"] == ["1"]


def test_a_drawing_finds_products(open_page, shop):
    page = open_page("/recommend?picture=draw", shop)
    expect(page.get_by_text("A look around")).to_be_visible()
    page.get_by_role("radio", name="Red", exact=True).click()
    box = page.locator("canvas[role=application]").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 170, steps=5)
    page.mouse.up()
    expect(page.locator(".sx-terms img")).to_be_visible()
    expect(page.locator(CARDS).first.locator(".score")).to_be_visible()


def test_the_map_is_drawn(open_page, shop):
    page = open_page("/recommend?q=navy&view=map", shop)
    expect(page.locator(".js-plotly-plot canvas").first).to_be_visible()
    expect(page.locator(".legend")).to_contain_text("Your query")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_phone_shows_everything_in_its_width(open_page, shop, phone, language):
    query = "q=navy&picture=item&item=t-shirt-001&like=shirt-025"
    path = f"/recommend?lang={language}&{query}"
    page = open_page(f"{path}&view=grid", shop, **phone)
    for view in ("grid", "compare"):
        if view != "grid":
            page.goto(f"{shop}{path}&view={view}")
        expect(page.locator(".sx-footer")).to_be_visible()
        expect(page.locator(".sx-compare" if view == "compare" else "h4").first).to_be_visible()
        settled(page)
        page.wait_for_timeout(300)
        assert page.evaluate(WIDE) == [0, []], view
        assert page.evaluate(CUT) == [], view
