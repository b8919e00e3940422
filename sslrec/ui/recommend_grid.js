// Products as cards: a heart, a thumb down and "more like this" on each. A card keeps its place in the document while its
// figures change, so that a click never waits for pictures.
const AGAIN = 350; // milliseconds in which a second click on the same button is the same click
const KEPT = 20; // clicks that are told again with the next
const MODALITIES = ["text", "image"];
const lists = new WeakMap();

export default function (component) {
  const root = component.parentElement.querySelector("ul");
  if (!lists.has(root)) lists.set(root, { cards: new Map(), events: [] });
  const list = lists.get(root);
  list.send = (action, id) => {
    const last = list.events.at(-1) ?? { serial: 0 };
    if (Date.now() - last.serial < AGAIN && last.id === id) return false;
    // All of the latest clicks: of a state that is set twice before the server looks, it sees the second alone.
    list.events = [...list.events, { action, id, serial: Math.max(Date.now(), last.serial + 1) }].slice(-KEPT);
    component.setStateValue("events", list.events);
    return true;
  };
  const { products, texts } = component.data;
  list.text = Object.fromEntries(texts);
  root.setAttribute("aria-label", list.text.label);
  const wanted = products.map((product) => {
    const card = list.cards.get(product.id) ?? makeCard(list, product.id);
    fill(card, product, list);
    return card.node;
  });
  list.cards = new Map(products.map((product) => [product.id, list.cards.get(product.id)]));
  if (wanted.length !== root.children.length || wanted.some((node, place) => node !== root.children[place])) {
    const focused = root.getRootNode().activeElement;
    root.replaceChildren(...wanted);
    if (focused?.isConnected) focused.focus();
  }
}

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

function makeCard(list, id) {
  const card = { id };
  card.picture = element("img", "");
  card.picture.loading = "lazy";
  card.score = element("b", "score");
  card.place = element("span", "place");
  card.title = element("h4", "");
  card.price = element("b", "price");
  card.facts = element("p", "facts");
  card.text = element("i", "text");
  card.image = element("i", "image");
  card.bar = element("div", "bar", card.text, card.image);
  card.bar.setAttribute("aria-hidden", "true"); // the shares say the same
  // A hint that hovers is for a mouse alone; this opens for a finger and for a keyboard too.
  card.shares = element("summary", "shares");
  card.said = element("p", "said");
  card.alone = element("details", "", card.shares, card.said);
  card.reason = element("p", "reason");
  const button = (className, sign, action) => {
    const node = element("button", className, sign);
    node.type = "button";
    node.onclick = () => {
      const pressed = node.getAttribute("aria-pressed") === "true";
      const sent = list.send(pressed ? "forget" : action, id);
      if (sent && action !== "more") node.setAttribute("aria-pressed", String(!pressed));
    };
    return node;
  };
  card.like = button("like", "♥", "like");
  card.dislike = button("dislike", "✕", "dislike");
  card.more = button("more", "", "more");
  card.shown = element("button", "picture", card.picture);
  card.shown.type = "button";
  card.shown.onclick = () => list.send("more", id);
  card.frame = element("div", "frame", card.shown, card.score, card.place);
  card.node = element(
    "li", "",
    card.frame,
    element("div", "words", card.title, element("p", "line", card.price), card.facts, card.bar, card.alone, card.reason),
    element("div", "buttons", card.like, card.dislike, card.more),
  );
  list.cards.set(id, card);
  return card;
}

function fill(card, product, { text }) {
  if (card.picture.src !== product.picture) {
    if (product.picture) card.picture.src = product.picture;
    card.picture.hidden = !product.picture;
  }
  card.picture.alt = product.title;
  card.shown.title = text.more;
  card.title.textContent = product.title;
  card.title.title = product.title;
  card.price.textContent = product.price;
  card.facts.textContent = product.facts;
  card.facts.title = product.facts;
  card.price.parentNode.hidden = !product.price;
  card.score.textContent = product.score;
  card.score.title = text.score;
  card.score.hidden = !product.score;
  card.place.textContent = product.place;
  card.place.hidden = !product.place;
  const { parts, shares } = product;
  card.bar.hidden = !parts;
  card.alone.hidden = !product.alone;
  if (parts) for (const name of MODALITIES) card[name].style.flexGrow = parts[name];
  const spans = shares.map(([name, share], place) => element("span", MODALITIES[place], element("em", "", `${name} `), share));
  spans.splice(1, 0, element("i", "sign"));
  // Where neither speaks for the product there is nothing to share, and what each would do alone all the same.
  card.shares.replaceChildren(...(shares.length ? spans : [text.alone, ...spans]));
  card.shares.setAttribute("aria-label", [...shares.map((said) => said.join(" ")), text.alone].join(", "));
  card.said.textContent = card.bar.title = card.shares.title = product.alone;
  card.reason.textContent = product.reason;
  card.reason.hidden = !product.reason;
  card.like.setAttribute("aria-pressed", String(product.opinion === "like"));
  card.dislike.setAttribute("aria-pressed", String(product.opinion === "dislike"));
  card.more.textContent = text.more_short;
  for (const name of ["like", "dislike", "more"]) {
    card[name].title = text[name];
    card[name].setAttribute("aria-label", `${text[name]}: ${product.title}`);
  }
}
