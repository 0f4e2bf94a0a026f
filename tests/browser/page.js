// Questions to a page, asked by window.py. Each answers at once, since without scripts no promise is ever kept.

const CUT = 1; // pixels by which rounding may cut a text
const COLLISION = 0.15; // of a text's height: less is the room that a font leaves above and below its letters

const shown = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const brief = text => text.replace(/\s+/g, " ").trim().slice(0, 60);

function name(element) {
  const classes = [...element.classList].map(word => "." + word).join("");
  const label = element.getAttribute("aria-label") || element.innerText || element.textContent || element.value || "";
  return `${element.tagName.toLowerCase()}${element.id && "#" + element.id}${classes} "${brief(label)}"`;
}

function focused() {
  const element = document.activeElement;
  return !element || element === document.body ? "body" : name(element);
}

function texts(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (text.data.trim() && shown(text.parentElement)) found.push(text);
  }
  return found;
}

function box(node) {
  if (node.nodeType === Node.ELEMENT_NODE) return node.getBoundingClientRect();
  const range = document.createRange();
  range.selectNodeContents(node);
  return range.getBoundingClientRect();
}

// For screen readers alone: text in an element of a pixel.
const unseen = element => element.clientWidth <= 1 && getComputedStyle(element).position === "absolute";

// What keeps a reader from a box: the first ancestor that cuts it off, or the window's edge; nothing where one can scroll.
function obstacle(node, rect, width) {
  let own = null;
  for (let at = node.parentElement; at; at = at.parentElement) {
    const style = getComputedStyle(at), edge = at.getBoundingClientRect();
    if (at === document.documentElement || at === document.body) continue;
    if (unseen(at)) return null;
    const wide = rect.right > edge.right + CUT || rect.left < edge.left - CUT;
    const tall = rect.bottom > edge.bottom + CUT || rect.top < edge.top - CUT;
    const cuts = value => value === "hidden" || value === "clip";
    if ((wide && cuts(style.overflowX)) || (tall && cuts(style.overflowY))) return `is cut off by ${name(at)}`;
    if (/auto|scroll/.test(style.overflowX)) return null;
    if (style.position === "fixed") break;
    if (!own && style.display !== "inline" && style.display !== "contents") {
      own = at;
      if (wide && node.nodeType === Node.TEXT_NODE) return `spills out of ${name(at)}`;
    }
  }
  if (rect.right > width + CUT) return `reaches ${Math.round(rect.right - width)} px beyond the window`;
  return rect.left < -CUT && rect.right > 0 ? "begins left of the window" : null;
}

function overflow(width) {
  const root = document.documentElement, found = [];
  if (root.clientWidth > width) found.push(`the page is laid out ${root.clientWidth} px wide on a screen of ${width}`);
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide in ${root.clientWidth}`);
  const elements = [...document.body.querySelectorAll("*:not(svg *)")].filter(shown);
  for (const node of [...elements, ...texts(document.body).filter(text => !text.parentElement.closest("svg"))]) {
    const rect = box(node);
    if (!rect.width || !rect.height) continue;
    const what = obstacle(node, rect, root.clientWidth);
    if (what) found.push(`${node.nodeType === Node.TEXT_NODE ? `text "${brief(node.data)}"` : name(node)} ${what}`);
  }
  return found;
}

function svg_text() {
  const found = [];
  for (const svg of document.querySelectorAll("svg:not(svg svg)")) {
    const frame = svg.getBoundingClientRect();
    const pieces = texts(svg).filter(text => text.parentElement.closest("text")).map(text => [brief(text.data), box(text)]);
    pieces.forEach(([text, one], index) => {
      const wide = one.left < frame.left - CUT || one.right > frame.right + CUT;
      const out = wide || one.top < frame.top - CUT || one.bottom > frame.bottom + CUT;
      if (out) found.push(`"${text}" lies outside of the drawing`);
      for (const [other, two] of pieces.slice(index + 1)) {
        const least = COLLISION * Math.min(one.height, two.height);
        const across = Math.min(one.right, two.right) - Math.max(one.left, two.left);
        const down = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
        if (across > least && down > least) found.push(`"${text}" and "${other}" overlap by ${across.toFixed(1)} x ${down.toFixed(1)} px`);
      }
    });
  }
  return found;
}

// Puts `~7<~` before and `~7>~` behind the contents of cell 7 and a ruler on the page, or takes them away. They take no
// room: in cells out of the flow; but only what is in the flow is repeated with a header. A box that clips is made the
// containing block of what is out of the flow, lest marks escape from it.
function marks(unprinted) {
  document.querySelectorAll("[data-mark]").forEach(mark => mark.remove());
  document.querySelectorAll("[data-held]").forEach(box => (box.style.position = "", delete box.dataset.held));
  if (unprinted === null) return null;
  const mark = (text, style) => {
    const span = document.createElement("span");
    span.dataset.mark = "";
    span.textContent = text;
    const rules = { all: "initial", "white-space": "pre", ...style };
    for (const [property, value] of Object.entries(rules)) span.style.setProperty(property, value);
    return span;
  };
  const away = { position: "absolute", font: "1px monospace" };
  const inline = { display: "inline-block", width: "0", height: "0", font: "1px monospace" };
  const printed = element => element.getClientRects().length > 0;
  let number = 0;
  const row = (table, row) => {
    const head = row.parentElement === table.tHead || [...row.cells].every(cell => cell.tagName === "TH");
    const cells = [...row.cells].map(cell => {
      cell.prepend(mark(`~${++number}<~`, head ? inline : away));
      cell.append(mark(`~${number}>~`, head ? inline : away));
      return number;
    });
    return { head, cells };
  };
  const wanted = table => printed(table) && !table.closest(unprinted);
  const tables = [...document.querySelectorAll("table")].filter(wanted).map(table => {
    for (let at = table.parentElement; at; at = at.parentElement) {
      if (getComputedStyle(at).position === "static") (at.style.position = "relative", at.dataset.held = "");
    }
    return {
      name: brief(table.caption?.innerText || table.getAttribute("aria-label") || table.innerText),
      rows: [...table.rows].filter(printed).map(each => row(table, each)),
    };
  });
  const ruler = mark("~RULER~", { position: "absolute", top: "0", left: "50px", font: "20px monospace" });
  document.body.append(ruler);
  return { ruler: ruler.getBoundingClientRect().width, tables };
}
