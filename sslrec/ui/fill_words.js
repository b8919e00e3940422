// A text whose words are buttons: a click hides one, a click on a gap brings its word back.
export default function ({ parentElement, data, setStateValue }) {
  const text = parentElement.querySelector("[role=group]");
  text.setAttribute("aria-label", data.label);
  const shown = JSON.stringify([data.words, data.gap, data.rest]);
  if (text.dataset.shown === shown) return;
  const focused = [...text.querySelectorAll("button")].findIndex((button) => button.matches(":focus"));
  text.dataset.shown = shown;
  text.replaceChildren(...data.words.flatMap(([before, word, kind], index) => {
    if (kind === "fixed") return [before + word];
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = kind === "gap" ? data.gap : word;
    // In the page's language: the text's own words alone say in which direction it runs.
    if (kind === "gap") button.dir = "auto";
    button.setAttribute("aria-pressed", String(kind === "gap"));
    // A double click is meant once. What was clicked goes along, so that a click on an older text is known as such.
    button.onclick = (event) => {
      if (event.detail < 2) setStateValue("click", { index, word, serial: Date.now() });
    };
    return [before, button];
  }), data.rest);
  if (focused >= 0) text.querySelectorAll("button")[focused]?.focus();
}
