"""Links, languages, phones and files, in a real browser."""

from __future__ import annotations

import csv
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser.conftest import download, settled

PLAYS = tuple(f"digits?input=samples&play={name}" for name in ("inside", "repair", "walk"))
WIDE = """
() => {
  const wide = [...document.querySelectorAll("[data-testid=stMain] *")].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
  });
  return [document.documentElement.scrollWidth - innerWidth, wide.map(element => element.className)];
}
"""
CUT = """
() => [...document.querySelectorAll("[class^=sx-] *, [class^=st-key] *")].filter(element => {
  const style = getComputedStyle(element);
  return element.childElementCount === 0 && element.textContent.trim() && style.display !== "inline"
    && style.clipPath === "none" && style.overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1;
}).map(element => element.textContent)
"""


def picture() -> bytes:
    page = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(page).line(((50, 40), (150, 40), (90, 160)), fill="black", width=16, joint="curve")
    buffer = BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()


def test_a_link_to_the_digits_page_works_on_a_server_nobody_has_visited(open_page, cold_server):
    page = open_page("/digits?labels=1", cold_server)
    expect(page.locator("h1")).to_have_text("Digits")
    expect(page.locator("canvas[role=application]")).to_be_visible()
    expect(page.get_by_role("link", name="Home")).to_have_count(1)
    expect(page.locator(".sx-takeaway")).to_contain_text("one label per class")
    assert httpx.get(f"{cold_server}/api/health").status_code == 200


def test_the_cards_of_the_home_page_lead_on(open_page):
    page = open_page("/")
    page.locator(".st-key-card-upload").click()
    expect(page.locator("h1")).to_have_text("Digits")
    expect(page.locator("[data-testid=stFileUploader]")).to_be_visible()


@pytest.mark.parametrize("path", ["/?lang=zh-CN", "/digits?lang=zh-CN"])
def test_a_link_may_ask_for_chinese(open_page, path):
    page = open_page(path)
    expect(page.get_by_role("link", name="数字", exact=True)).to_have_count(1)
    assert "lang=zh-CN" in page.url


def test_a_chinese_browser_gets_chinese(open_page):
    expect(open_page("/", locale="zh-CN").locator("h1")).to_have_text("不靠标签也能学，用您自己的数字试试")


def test_switching_the_language_keeps_the_choices(open_page):
    page = open_page("/digits?input=samples&sample=4&play=repair")
    page.get_by_text("100", exact=True).first.click()
    expect(page.locator(".sx-takeaway")).to_contain_text("100 labels per class")
    page.locator(".st-key-language").get_by_text("中文").click()
    expect(page.locator("h1")).to_have_text("数字")
    expect(page.locator(".sx-takeaway")).to_contain_text("每类 100 个标签")
    expect(page.get_by_text("修复后").first).to_be_visible()
    for part in ("input=samples", "sample=4", "play=repair", "labels=100", "lang=zh-CN"):
        assert part in page.url
    page.locator(".st-key-language").get_by_text("EN").click()
    expect(page.locator(".sx-takeaway")).to_contain_text("100 labels per class")


def test_the_language_holds_from_page_to_page(open_page):
    page = open_page("/?lang=zh-CN")
    page.get_by_role("link", name="数字", exact=True).click()
    expect(page.locator("canvas[role=application]")).to_be_visible()
    expect(page.locator("h1")).to_have_text("数字")
    page.reload()
    expect(page.locator("h1")).to_have_text("数字")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_phone_shows_everything_in_its_width(open_page, phone, language):
    page = open_page(f"/?lang={language}", **phone)
    address = page.url.split("?")[0]
    for path in ("", "digits", *(f"digits?input={name}" for name in ("upload", "camera")), *PLAYS):
        if path:
            page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={language}")
        expect(page.locator(".sx-footer")).to_be_visible()
        settled(page)
        page.wait_for_timeout(300)
        assert page.evaluate(WIDE) == [0, []], path
        assert page.evaluate(CUT) == [], path


def test_files_are_read_and_bad_ones_told(open_page, tmp_path):
    (tmp_path / "seven.png").write_bytes(picture())
    (tmp_path / "=1+1.png").write_bytes(picture())
    (tmp_path / "notes.png").write_text("hello")
    page = open_page("/digits?input=upload")
    page.locator("input[type=file]").set_input_files(sorted(str(path) for path in tmp_path.iterdir()))
    expect(page.locator(".sx-files tbody tr")).to_have_count(3)
    expect(page.locator(".sx-problem")).to_contain_text("'notes.png' is not a picture this reads")
    expect(page.locator(".sx-mark:not(.sx-blank)")).to_be_visible()
    left = download(page, "Download as CSV")
    rows = list(csv.reader(Path(left.path()).read_text("utf-8-sig").splitlines()))
    assert [row[0] for row in rows] == ["file", "'=1+1.png", "notes.png", "seven.png"]


def test_lists_and_hints_of_streamlit_speak_chinese(open_page, tmp_path):
    page = open_page("/digits?input=upload&lang=zh-CN")
    files = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": picture()} for name in ("one", "two")]
    page.locator("input[type=file]").set_input_files(files)
    page.locator("[data-testid=stSelectbox] input").fill("nothing is called so")
    word = "element => getComputedStyle(element, '::after').content"
    empty = page.locator("[data-testid=stSelectboxVirtualDropdown] [data-empty] span")
    assert empty.evaluate(word) == '"没有匹配的选项"'
    page.keyboard.press("Escape")
    (tmp_path / "large.png").write_bytes(bytes(30_000_000))
    page.locator("input[type=file]").set_input_files(tmp_path / "large.png")
    page.locator("[data-testid=stFileChip][aria-invalid]").hover()
    assert page.locator("[data-testid=stTooltipErrorContent]").evaluate(word) == '"文件太大，或上传中断。"'


def test_a_sample_can_be_picked_with_the_keyboard(open_page):
    page = open_page("/digits?input=samples&sample=0")
    strip = page.get_by_role("radiogroup", name="Handwritten digits to try")
    strip.get_by_role("radio", checked=True).focus()
    page.keyboard.press("ArrowRight")
    expect(strip.get_by_role("radio", name="A handwritten 1").first).to_be_checked()
    page.wait_for_url("**sample=1**")


def test_a_camera_photo_is_answered_with_a_picture_or_a_sentence(open_page):
    page = open_page("/digits?input=camera")
    expect(page.locator("[data-testid=stCameraInputButton]")).to_be_visible()
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()
