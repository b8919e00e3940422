"""Drawing as a visitor does: with mouse, finger and keyboard."""

import re

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from sslrec.config import ROOT
from tests.browser.conftest import settled

UI = ROOT / "sslrec" / "ui"

SEVEN = [(0.28, 0.25), (0.72, 0.25), (0.45, 0.82)]
BAR = [(0.35, 0.55), (0.65, 0.55)]
ANSWER = ".sx-mark:not(.sx-blank)"


def canvas_box(page: Page) -> FloatRect:
    canvas = page.locator("canvas[role=application]")
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    return box


def draw(page: Page, points=SEVEN) -> None:
    box = canvas_box(page)
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def picture(page: Page) -> Locator:
    """The picture of what the model sees."""
    return page.locator(".sx-tiles img").first


def settled_picture(page: Page) -> str:
    """Source of that picture, once no answer is under way that would change it."""
    seen: list[str] = []
    while len(seen) < 4 or len(set(seen[-4:])) > 1:
        page.wait_for_timeout(500)
        settled(page)
        seen.append(picture(page).get_attribute("src") or "")
    return seen[-1]


def ink(page: Page) -> int:
    """Number of painted pixels on the canvas."""
    return page.locator("canvas[role=application]").evaluate(
        "canvas => { const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
        " let count = 0; for (let i = 3; i < pixels.length; i += 4) count += pixels[i] > 128; return count; }"
    )


def test_a_stroke_brings_the_answer(open_page):
    page = open_page("/digits")
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()
    draw(page)
    expect(page.locator(ANSWER)).to_be_visible()
    expect(page.locator(".sx-budget .sx-read")).to_have_count(12)
    expect(page.locator("canvas[data-zr-dom-id]").first).to_be_visible()
    expect(page.locator(".sx-tile img").first).to_have_attribute("src", re.compile("^data:image/png"))


def test_the_answer_follows_while_the_stroke_is_still_being_drawn(open_page):
    page = open_page("/digits")
    box = canvas_box(page)
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.3 * box["height"], steps=6)
    expect(page.locator(ANSWER)).to_be_visible()
    page.mouse.up()


def test_undo_takes_one_stroke_and_clear_takes_all(open_page):
    page = open_page("/digits")
    undo, clear = page.locator("button.undo"), page.locator("button.clear")
    expect(undo).to_be_disabled()
    draw(page)
    expect(page.locator(ANSWER)).to_be_visible()
    seven = settled_picture(page)
    draw(page, BAR)
    expect(picture(page)).not_to_have_attribute("src", seven)
    undo.click()
    expect(picture(page)).to_have_attribute("src", seven)
    clear.click()
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()
    assert ink(page) == 0
    expect(clear).to_be_disabled()
    undo.click()
    expect(page.locator(ANSWER)).to_be_visible()
    expect(picture(page)).to_have_attribute("src", seven)


def test_the_browser_is_sent_again_what_it_may_have_let_go_of(open_page):
    """A reference to it would be answered with "Cached ForwardMsg MISS", and the page stands still."""
    received: list[str | None] = []

    def hear(frame: str | bytes) -> None:
        received.append(ForwardMsg.FromString(frame).WhichOneof("type") if isinstance(frame, bytes) else None)

    page = open_page("/")
    page.once("websocket", lambda socket: socket.on("framereceived", hear))
    page.goto(page.url.rstrip("/") + "/digits")
    draw(page)
    expect(page.locator(ANSWER)).to_be_visible()
    seven = settled_picture(page)
    draw(page, BAR)
    expect(picture(page)).not_to_have_attribute("src", seven)
    page.locator("button.undo").click()
    expect(picture(page)).to_have_attribute("src", seven)
    assert "delta" in received
    assert "ref_hash" not in received


LOADED = """
async ([html, source]) => {
  document.body.innerHTML = html;
  const script = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: show } = await import(script);
  const echo = { texts: [], strokes: [] };
  const setStateValue = (_, drawing) => { window.sent = drawing; };
  const component = { parentElement: document.body, data: echo, setStateValue };
"""
OVERTAKEN = (
    LOADED
    + """
  const first = show(component);
  const canvas = document.querySelector("canvas");
  canvas.style.cssText = "width: 280px; height: 280px";
  const key = (name) => canvas.onkeydown(new KeyboardEvent("keydown", { key: name }));
  [" ", "ArrowLeft", "ArrowUp", " "].forEach(key);
  first();
  show(component);
  ["ArrowDown", " ", "ArrowRight", " "].forEach(key);
  return window.sent.strokes.length;
}
"""
)
PRESSED = (
    LOADED
    + """
  const offer = (...names) => show({ ...component, data: { ...echo, inks: names.map(name => ["#c62828", name]) } });
  offer("Red", "Blue");
  const [, blue] = document.querySelectorAll(".inks button");
  blue.focus();
  offer("Red", "Blue");
  blue.click();
  const kept = [document.activeElement === blue, blue.ariaChecked];
  offer("红色", "蓝色");
  return [...kept, ...[...document.querySelectorAll(".inks button")].map(one => one.title + one.ariaChecked)];
}
"""
)


def on_the_canvas_alone(chromium: Browser, script: str):
    """What a script finds that shows the canvas without a server."""
    page = chromium.new_page()
    html, source = ((UI / f"canvas.{kind}").read_text("utf-8") for kind in ("html", "js"))
    found = page.evaluate(script, [html, source])
    page.close()
    return found


def test_an_update_that_another_one_overtakes_costs_no_stroke(chromium: Browser):
    """Streamlit then calls what an earlier update returned for the end, with the canvas still there."""
    assert on_the_canvas_alone(chromium, OVERTAKEN) == 2


def test_an_ink_that_is_pressed_while_an_answer_comes_is_taken(chromium: Browser):
    found = on_the_canvas_alone(chromium, PRESSED)
    assert found == [True, "true", "红色false", "蓝色true"]


def test_the_brush_changes_what_is_drawn(open_page):
    page = open_page("/digits")
    page.locator(".tools input").fill("10")
    draw(page)
    thin = ink(page)
    page.locator("button.clear").click()
    page.locator(".tools input").fill("40")
    draw(page)
    assert ink(page) > 2 * thin


def test_the_drawing_survives_a_visit_to_another_page(open_page):
    page = open_page("/digits")
    draw(page)
    expect(page.locator(ANSWER)).to_be_visible()
    drawn, read = ink(page), settled_picture(page)
    page.get_by_role("link", name="Home").first.click()
    expect(page.get_by_text("What you can try")).to_be_visible()
    page.get_by_role("link", name="Digits").first.click()
    expect(page.locator(ANSWER)).to_be_visible()
    assert ink(page) == drawn
    expect(picture(page)).to_have_attribute("src", read)
    page.locator("button.undo").click()
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()


def test_the_drawing_survives_a_change_of_language(open_page):
    page = open_page("/digits")
    draw(page)
    expect(page.locator(ANSWER)).to_be_visible()
    drawn = ink(page)
    page.locator(".st-key-language").get_by_text("中文").click()
    expect(page.get_by_role("button", name="清空")).to_be_visible()
    expect(page.locator(ANSWER)).to_be_visible()
    assert ink(page) == drawn


def test_a_digit_can_be_drawn_with_the_keyboard_alone(open_page):
    page = open_page("/digits")
    canvas = page.locator("canvas[role=application]")
    canvas.focus()
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    page.keyboard.press(" ")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(page.locator(ANSWER)).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()
    page.keyboard.press(" ")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press(" ")
    expect(page.locator(ANSWER)).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()


def test_a_finger_draws_and_does_not_scroll(open_page, phone):
    page = open_page("/digits", **phone)
    box = canvas_box(page)
    before = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    touch = page.context.new_cdp_session(page)
    places = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in SEVEN]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [places[0]]})
    for place in places[1:]:
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(ANSWER)).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == before


def test_the_canvas_is_sharp_on_a_fine_screen(open_page, phone):
    page = open_page("/digits", **phone)
    width = canvas_box(page)["width"]
    assert page.locator("canvas[role=application]").evaluate("canvas => canvas.width") >= 1.9 * width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ink_and_paper_follow_the_theme(open_page, scheme):
    page = open_page("/digits", color_scheme=scheme)
    canvas = page.locator("canvas[role=application]")
    expect(canvas).to_be_visible()
    ink_colour, paper = canvas.evaluate(
        "canvas => { const style = getComputedStyle(canvas);"
        " const light = colour => colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;"
        " return [light(style.color), light(style.backgroundColor)]; }"
    )
    assert (ink_colour < 80 and paper > 200) if scheme == "light" else (ink_colour > 200 and paper < 80)
