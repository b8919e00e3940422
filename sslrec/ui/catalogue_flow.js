// Channels as gauges, one for each buffer on the way. The nodes are made once; what changes are widths and words.
const charts = new WeakMap();

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector("[role=group]");
  root.setAttribute("aria-label", data.label);
  const names = data.gauges.map((gauge) => gauge.name).join(" ");
  if (charts.get(root)?.names !== names) {
    const made = { names, gauges: data.gauges.map(makeGauge) };
    charts.set(root, made);
    root.replaceChildren(...made.gauges.map((gauge) => gauge.node));
    // Start lies at the end of a long page, and what follows is short.
    if (root.getBoundingClientRect().top < 0) root.scrollIntoView({ block: "center" });
  }
  charts.get(root).gauges.forEach((gauge, place) => fill(gauge, data.gauges[place]));
}

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

function makeGauge({ kind, place }) {
  const gauge = { title: element("h4", ""), count: element("b", ""), level: element("i", "") };
  gauge.bar = element("div", "bar", gauge.level);
  gauge.bar.setAttribute("role", "meter");
  gauge.bar.setAttribute("aria-valuemin", "0");
  gauge.waits = element("p", "waits");
  gauge.sent = element("p", "sent");
  const lines = element("footer", "", gauge.sent, gauge.waits);
  gauge.node = element("section", kind, element("header", "", gauge.title, gauge.count), gauge.bar, lines);
  gauge.node.style.setProperty("--place", place);
  return gauge;
}

function fill(gauge, { title, count, used, limit, waits, sent, full }) {
  write(gauge.title, title);
  write(gauge.count, count);
  write(gauge.waits, waits);
  write(gauge.sent, sent);
  gauge.level.style.width = `${limit ? Math.min(used / limit, 1) * 100 : 0}%`;
  gauge.bar.setAttribute("aria-label", title);
  gauge.bar.setAttribute("aria-valuemax", limit);
  gauge.bar.setAttribute("aria-valuenow", Math.min(used, limit));
  gauge.node.classList.toggle("full", full);
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
