// The drawing canvas: mouse, touch, pen and keyboard. What it keeps and sends are the strokes, each a flat list
// [width, x0, y0, x1, y1, ...] of whole numbers in a square of SIDE units, so that a digit weighs about a kilobyte.
const SIDE = 280;
const PAUSE = 120; // milliseconds between two messages while a stroke is being drawn
const NEAR = 2.5; // points closer than this add nothing one could see
const MOST = 10000; // numbers in all strokes together: the server refuses 20 % more
const MOST_STROKES = 400; // the server refuses more
const STEP = 10; // units an arrow key moves; with Shift, a quarter
const INK = 64; // a stroke's first number is its width plus this many times the number of its ink
const surfaces = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!surfaces.has(root)) surfaces.set(root, new Surface(root, component.data));
  surfaces.get(root).update(component);
  return () => {
    // Streamlit calls this too for an update that the next one overtook. A surface made anew would begin with the
    // server's echo, and whatever was drawn since would be lost.
    if (root.isConnected) return;
    surfaces.get(root)?.close();
    surfaces.delete(root);
  };
}

class Surface {
  constructor(root, data) {
    this.canvas = root.querySelector("canvas");
    this.undoButton = root.querySelector(".undo");
    this.clearButton = root.querySelector(".clear");
    this.brush = root.querySelector("input");
    this.spoken = root.querySelector("[role=status]");
    this.palette = root.querySelector(".inks");
    this.ink = 0;
    this.offered = "";
    this.labels = root.querySelectorAll("[data-label]");
    this.strokes = data.strokes; // only now: later echoes of the server are older than what is on the screen
    this.past = this.strokes.map((_, count) => this.strokes.slice(0, count));
    this.stroke = null; // the one being drawn
    this.pointer = null;
    this.cursor = null; // [x, y] of the keyboard's pen, while it is in use
    this.timer = 0;
    this.sent = 0;
    this.listen();
    this.resizing = new ResizeObserver(() => this.paint());
    this.resizing.observe(this.canvas);
  }

  update({ data, setStateValue }) {
    this.send = (drawing) => setStateValue("drawing", drawing);
    this.text = Object.fromEntries(data.texts);
    this.canvas.setAttribute("aria-label", this.text.label);
    for (const element of this.labels) element.textContent = this.text[element.dataset.label];
    this.offer(data.inks ?? []);
    this.paint();
  }

  // Inks to choose from, each a colour and its name; without any, strokes have the text's colour.
  offer(inks) {
    this.inks = inks;
    this.palette.hidden = !inks.length;
    this.canvas.classList.toggle("white", inks.length > 0);
    this.palette.setAttribute("aria-label", this.text.brush);
    // Only other inks make buttons anew: one that goes while it is pressed loses the click, and the keyboard its place.
    const offered = JSON.stringify(inks);
    if (offered === this.offered) return;
    this.offered = offered;
    this.palette.replaceChildren(...inks.map(([colour, name], ink) => {
      const button = document.createElement("button");
      button.type = "button";
      button.style.background = colour;
      button.title = name;
      button.setAttribute("aria-label", name);
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(ink === this.ink));
      button.onclick = () => {
        this.ink = ink;
        [...this.palette.children].forEach((one, place) => one.setAttribute("aria-checked", String(place === ink)));
      };
      return button;
    }));
  }

  close() {
    clearTimeout(this.timer);
    this.resizing.disconnect();
  }

  listen() {
    const { canvas } = this;
    canvas.onpointerdown = (event) => {
      if (!event.isPrimary || event.button > 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.pointer = event.pointerId;
      this.cursor = null;
      this.begin(...this.place(event));
    };
    canvas.onpointermove = (event) => {
      if (event.pointerId !== this.pointer) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const one of events.length ? events : [event]) this.extend(...this.place(one));
    };
    canvas.onpointerup = canvas.onpointercancel = (event) => {
      if (event.pointerId !== this.pointer) return;
      this.pointer = null;
      this.end();
    };
    canvas.onkeydown = (event) => this.key(event);
    canvas.onblur = () => {
      if (this.cursor && this.stroke) this.end();
      this.cursor = null;
      this.paint();
    };
    this.undoButton.onclick = () => this.undo();
    this.clearButton.onclick = () => this.clear();
  }

  key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[event.key];
    if (move) {
      const step = event.shiftKey ? STEP / 4 : STEP;
      const [x, y] = this.cursor ?? [SIDE / 2, SIDE / 2];
      this.cursor = [this.inside(x + move[0] * step), this.inside(y + move[1] * step)];
      if (this.stroke) this.extend(...this.cursor);
    } else if (event.key === " ") {
      this.cursor ??= [SIDE / 2, SIDE / 2];
      if (this.stroke) this.end();
      else this.begin(...this.cursor);
      this.spoken.textContent = this.stroke ? this.text.pen_down : this.text.pen_up;
    } else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
      this.undo();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
    this.paint();
  }

  inside(value) {
    return Math.max(0, Math.min(SIDE, Math.round(value)));
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = SIDE / box.width;
    return [this.inside((event.clientX - box.left) * scale), this.inside((event.clientY - box.top) * scale)];
  }

  begin(x, y) {
    if (this.strokes.length >= MOST_STROKES) return;
    this.remember();
    this.stroke = [Number(this.brush.value) + INK * this.ink, x, y];
    this.strokes = [...this.strokes, this.stroke];
    this.changed();
  }

  extend(x, y) {
    // A key or a second finger may have undone or ended the stroke while the pointer is still down.
    if (!this.stroke) return;
    if (Math.hypot(x - this.stroke.at(-2), y - this.stroke.at(-1)) < NEAR) return;
    if (this.strokes.reduce((sum, stroke) => sum + stroke.length, 0) > MOST) return;
    this.stroke.push(x, y);
    this.changed();
  }

  end() {
    this.stroke = null;
    this.changed();
  }

  remember() {
    this.past.push(this.strokes);
    this.past = this.past.slice(-50);
  }

  undo() {
    if (!this.past.length) return;
    this.stroke = null;
    this.strokes = this.past.pop();
    this.changed();
  }

  clear() {
    if (!this.strokes.length) return;
    this.remember();
    this.stroke = null;
    this.strokes = [];
    this.changed();
  }

  // Tell the server: at once where a stroke ends, else at most every PAUSE milliseconds.
  changed() {
    this.paint();
    const wait = this.stroke ? Math.max(0, this.sent + PAUSE - performance.now()) : 0;
    if (this.stroke && this.timer) return;
    clearTimeout(this.timer);
    const tell = () => {
      this.timer = 0;
      this.sent = performance.now();
      this.send({ strokes: this.strokes.map((stroke) => [...stroke]), drawing: this.stroke !== null });
    };
    if (wait) this.timer = setTimeout(tell, wait);
    else tell();
  }

  paint() {
    const { canvas } = this;
    const pixels = Math.round(canvas.clientWidth * devicePixelRatio);
    if (!pixels) return;
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
    const style = getComputedStyle(canvas);
    const pen = canvas.getContext("2d");
    pen.setTransform(pixels / SIDE, 0, 0, pixels / SIDE, 0, 0);
    pen.clearRect(0, 0, SIDE, SIDE);
    pen.strokeStyle = style.color;
    pen.lineCap = pen.lineJoin = "round";
    for (const [first, x, y, ...rest] of this.strokes) {
      pen.lineWidth = first % INK;
      if (this.inks.length) pen.strokeStyle = this.inks[Math.floor(first / INK)]?.[0] ?? style.color;
      pen.beginPath();
      pen.moveTo(x, y);
      pen.lineTo(x, y);
      for (let i = 0; i < rest.length; i += 2) pen.lineTo(rest[i], rest[i + 1]);
      pen.stroke();
    }
    if (this.cursor) {
      const [x, y] = this.cursor;
      pen.strokeStyle = style.getPropertyValue("--st-primary-color");
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(x, y, Number(this.brush.value) / 2 + 3, 0, 2 * Math.PI);
      pen.moveTo(x - 22, y);
      pen.lineTo(x + 22, y);
      pen.moveTo(x, y - 22);
      pen.lineTo(x, y + 22);
      pen.stroke();
    }
    canvas.parentElement.classList.toggle("empty", !this.strokes.length);
    this.undoButton.disabled = !this.past.length;
    this.clearButton.disabled = !this.strokes.length;
  }
}
