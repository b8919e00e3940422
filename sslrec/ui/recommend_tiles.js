// Buttons with a picture, words or both: examples to click, products to start from.
export default function ({ parentElement, data, setStateValue }) {
  const group = parentElement.querySelector("[role=group]");
  group.setAttribute("aria-label", data.label);
  group.className = data.kind;
  const shown = JSON.stringify([data.tiles, data.kind]);
  if (group.dataset.shown !== shown) {
    group.dataset.shown = shown;
    group.replaceChildren(...data.tiles.map((tile) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.id = tile.id;
      if (tile.picture) {
        const picture = document.createElement("img");
        picture.src = tile.picture;
        picture.alt = tile.alt;
        button.append(picture);
      }
      if (tile.text && tile.picture) button.append(piece("b", "+"));
      const words = piece("span", "");
      if (tile.text) words.append(piece("q", tile.text));
      if (tile.note) words.append(piece("small", tile.note));
      if (words.children.length) button.append(words);
      return button;
    }));
  }
  for (const button of group.children) {
    button.setAttribute("aria-pressed", String(button.dataset.id === data.chosen));
    button.onclick = () => setStateValue("events", [{ action: "choose", id: button.dataset.id, serial: serial() }]);
  }
}

// A clock that is set back must not make a click look like one that was taken already.
let last = 0;
function serial() {
  last = Math.max(Date.now(), last + 1);
  return last;
}

function piece(tag, text) {
  const node = document.createElement(tag);
  node.textContent = text;
  return node;
}
