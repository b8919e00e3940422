"""Digits: draw, send, photograph or pick one, and see what the models make of it."""

from __future__ import annotations

import numpy as np
import streamlit as st
from PIL import Image

from sslrec.config import settings
from sslrec.data.digits import BUDGETS
from sslrec.data.images import PreparedDigit, prepare_largest
from sslrec.errors import ImageError
from sslrec.serving.digits import DigitReading, read_prepared
from sslrec.ui import digit_parts as parts
from sslrec.ui.canvas import drawing_canvas
from sslrec.ui.charts import code_chart, probability_chart
from sslrec.ui.labels import unique_labels
from sslrec.ui.language import explain, sentence, t
from sslrec.ui.picker import picture_picker
from sslrec.ui.pictures import digit_uri
from sslrec.ui.play import SIDES, add_noise, hide, walk
from sslrec.ui.resources import sample_digits
from sslrec.ui.shell import note, page_title, problems, section_title, told
from sslrec.ui.training_demo import demo_note, visitor_reader
from sslrec.ui.uploads import Upload, picture_megabytes, read_files, upload_table, uploads_csv
from sslrec.ui.url import choose_from_url, keep_in_url, pick

STEPS = 9  # pictures on the way from one digit to another


def drawn() -> PreparedDigit | None:
    drawing = drawing_canvas("canvas")
    st.session_state["pen.down"] = drawing.in_progress
    return None if drawing.is_blank else prepared(drawing.to_picture())


def prepared(picture: Image.Image) -> PreparedDigit | None:
    try:
        return prepare_largest(picture, t("digits.canvas_name"))
    except ImageError as error:
        if error.code == "image_blank":
            return None
        raise


def sampled() -> PreparedDigit:
    images, labels = sample_digits()
    choose_from_url("sample", [str(index) for index in range(len(images))], "3")
    chosen = picture_picker(
        t("samples.label"),
        [digit_uri(image) for image in images],
        [t("samples.alt", label=label) for label in labels],
        int(st.session_state["sample"]),
        "samples",
    )
    st.session_state["sample"] = str(chosen)
    keep_in_url("sample", "3")
    note(t("samples.note"))
    return PreparedDigit(images[chosen])


def sent() -> PreparedDigit | None:
    changed = st.session_state.setdefault("files.changed", [])
    files = st.file_uploader(
        t("upload.label"),
        accept_multiple_files=True,
        key="files",
        max_upload_size=picture_megabytes(),
        on_change=changed.append,
        args=(True,),
    )
    note(
        t(
            "upload.help",
            size=parts.size_of(settings().max_image_bytes),
            megapixels=settings().max_image_pixels // 1_000_000,
        )
    )
    # The uploader forgets its files when it is hidden; what was read of them stays until others come.
    kept: dict[str, Upload] = st.session_state.setdefault("files.read", {})
    limit = settings().max_batch_files
    # Answers of other models are gone, and the files are still here.
    if changed or (files and not kept):
        with st.spinner(t("upload.reading", count=len(files[:limit]))):
            read_files(visitor_reader(), files[:limit], kept)
        changed.clear()
    if kept and not files:
        note(t("upload.before"))
        if st.button(t("upload.forget"), key="files.forget"):
            kept.clear()
            st.rerun()
    bad = [explain(upload.error) for upload in kept.values() if upload.error]
    if len(files) > limit:
        bad.insert(0, explain(ImageError("too_many_files", count=len(files), limit=limit)))
    if bad:
        problems(t("upload.problems"), bad)
    good = {number: upload for number, upload in kept.items() if upload.reading}
    if not good:
        return None
    chosen = next(iter(good))
    if len(good) > 1:
        names = unique_labels(list(good), lambda number: good[number].name)
        chosen = st.selectbox(t("upload.show"), list(good), format_func=names.__getitem__, key="files.chosen")
    return read_before(good[chosen])


def read_before(upload: Upload) -> PreparedDigit | None:
    reading = upload.reading
    return PreparedDigit(reading.image, reading.several_shapes) if reading else None


def photographed() -> PreparedDigit | None:
    photo = st.camera_input(t("camera.label"), key="photo")
    note(t("camera.note"))
    kept: dict[str, Upload] = st.session_state.setdefault("photo.read", {})
    for upload in read_files(visitor_reader(), [photo] if photo else [], kept):
        if error := upload.error:
            problems("", [sentence(error.code, {**error.params, "name": t("digits.camera_name")})])
        else:
            return read_before(upload)
    return None


SOURCES = {"draw": drawn, "samples": sampled, "upload": sent, "camera": photographed}


def answer(digit: PreparedDigit | None) -> DigitReading | None:
    if digit is None:
        st.html(parts.waiting())
        return None
    reading = read_prepared(visitor_reader().read, digit)
    st.html(parts.verdict(reading) + parts.views(reading) + parts.heading(t("probabilities.title")))
    best = int(reading.probabilities.argmax())
    st.echarts_chart(
        probability_chart(reading.probabilities),
        height=170,
        key="probabilities",
        alt=t("probabilities.alt", label=best, sure=parts.percent(float(reading.probabilities[best]))),
    )
    return reading


def all_uploads() -> None:
    uploads = list(st.session_state.get("files.read", {}).values())
    if len(uploads) < 2:
        return
    section_title(t("table.title"))
    st.html(upload_table(uploads))
    # With the mark without which spreadsheets take Chinese names for something else.
    table = uploads_csv(uploads).encode("utf-8-sig")
    st.download_button(t("table.csv"), table, "digits.csv", "text/csv", on_click="ignore")


def label_budgets(image: np.ndarray | None) -> None:
    section_title(t("budget.title"), t("budget.lead"))
    budget = pick(t("budget.label"), "labels", list(BUDGETS), "10", lambda name: t(f"budget.{name}"))
    with told():
        reader = visitor_reader()
        accuracy = reader.accuracies()
        readings = [] if image is None else reader.compare(image)
        st.html(parts.budget_grid(accuracy, readings, budget) + parts.budget_takeaway(accuracy, budget))


def playground(reading: DigitReading | None) -> None:
    section_title(t("play.title"))
    chosen = pick(t("play.label"), "play", list(PLAYS), "inside", lambda name: t(f"play.{name}"), hide_label=True)
    if reading is None:
        note(t("play.empty"))
        return
    with told():
        PLAYS[chosen](reading)


def inside(reading: DigitReading) -> None:
    label = int(reading.probabilities.argmax())
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(parts.heading(t("inside.code")))
        st.echarts_chart(
            code_chart(reading.code), height=150, key="code", alt=t("inside.code_alt", count=len(reading.code))
        )
        note(t("inside.code_note", count=len(reading.code)))
    with right:
        # Two hundred pictures have to be classified for this map: it waits for the end of the stroke, unless the digit
        # has become another by then.
        of_label, markup = st.session_state.get("mattered", (None, ""))
        if not st.session_state.get("pen.down") or of_label != label:
            occlusion = visitor_reader().occlusion(reading.image, label)
            markup = parts.mattered(reading.image, occlusion, label)
            st.session_state["mattered"] = label, markup
        st.html(parts.heading(t("inside.mattered")) + markup)
    found = visitor_reader().prototypes(reading.image, 8)
    st.html(parts.heading(t("prototypes.title")) + parts.prototypes(found))
    note(t("prototypes.note"))


def repair(reading: DigitReading) -> None:
    left, right = st.columns([5, 8], gap="medium")
    with left:
        damage = pick(t("repair.damage"), "damage", [*SIDES, "noise"], "bottom", lambda name: t(f"repair.{name}"))
        amount = st.slider(t("repair.amount"), 10, 70, 40, 5, key="amount", format="%d %%", persist_state="session")
        seed = st.session_state.setdefault("noise.seed", 0)
        if damage == "noise" and st.button(t("repair.again")):
            seed = st.session_state["noise.seed"] = seed + 1
    if damage == "noise":
        damaged = add_noise(reading.image, amount / 100, seed)
    else:
        damaged = hide(reading.image, damage, amount / 100)
    reader = visitor_reader()
    rebuilt = reader.restore(damaged)
    with right:
        st.html(parts.repair_views(reading.image, damaged, rebuilt, reader.classify(np.stack([damaged, rebuilt]))))
        note(t("repair.note"))


def through_code(reading: DigitReading) -> None:
    images, labels = sample_digits()
    ends, names = list(images[:10]), [t("samples.alt", label=label) for label in labels[:10]]
    left, right = st.columns([5, 8], gap="medium")
    with left:
        if st.button(t("walk.keep")):
            st.session_state["walk.kept"] = reading.image
        kept = st.session_state.get("walk.kept")
        if kept is not None:
            ends.append(kept)
            names.append(t("walk.end_kept"))
        st.html(parts.heading(t("walk.end")))
        goal = st.session_state.get("walk.goal", 8)
        end = picture_picker(t("walk.end"), [digit_uri(one) for one in ends], names, goal, "walk.end")
        st.session_state["walk.goal"] = end
    with right:
        half = (STEPS + 1) // 2
        position = st.slider(t("walk.position"), 1, STEPS, half, key="walk.position", persist_state="session") - 1
        reader = visitor_reader()
        frames = walk(reader, reading.image, ends[end], STEPS)
        st.html(parts.film(frames, reader.classify(frames), position))
        note(t("walk.note"))


PLAYS = {"inside": inside, "repair": repair, "walk": through_code}


@st.fragment
def studio() -> None:
    """All that follows the drawing: one fragment, so that a stroke runs this and nothing else."""
    left, right = st.columns([5, 8], gap="medium")
    digit = reading = None
    st.session_state["pen.down"] = False
    with left:
        source = pick(
            t("source.label"), "input", list(SOURCES), "draw", lambda name: t(f"source.{name}"), hide_label=True
        )
        with told():
            digit = SOURCES[source]()
    with right, told():
        reading = answer(digit)
    if source == "upload":
        all_uploads()
    label_budgets(None if digit is None else digit.image)
    playground(reading)


page_title(t("digits.title"), t("digits.lead"))
demo_note()
studio()
