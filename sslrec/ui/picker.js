// A radio group of pictures: a click or the arrow keys choose one.
export default function ({ parentElement, data, setStateValue }) {
  const group = parentElement.querySelector("[role=radiogroup]");
  group.setAttribute("aria-label", data.label);
  const draw = (chosen) => [...group.children].forEach((button, index) => {
    button.setAttribute("aria-checked", String(index === chosen));
    button.tabIndex = index === Math.max(0, chosen) ? 0 : -1;
  });
  const choose = (index) => {
    draw(index);
    group.children[index].focus();
    // The serial tells a new click from one that the state still holds.
    setStateValue("click", { index, serial: Date.now() });
  };
  const shown = [...group.children].map((button) => button.firstChild.src);
  if (shown.join() !== data.pictures.join()) {
    group.replaceChildren(...data.pictures.map((source, index) => {
      const button = document.createElement("button");
      const picture = document.createElement("img");
      picture.src = source;
      button.type = "button";
      button.setAttribute("role", "radio");
      button.append(picture);
      return button;
    }));
  }
  [...group.children].forEach((button, index) => {
    button.firstChild.alt = data.names[index];
    button.onclick = () => choose(index);
    button.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      choose((index + step + data.pictures.length) % data.pictures.length);
    };
  });
  draw(data.chosen);
}
