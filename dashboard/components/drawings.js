// Draws what Python worked out: signs, small charts, and the table and cards that hold them.
//
// Everything arrives as numbers and plain text and is set as attributes and text nodes; no markup
// is ever pasted. Links are real links. A plain click changes the page without loading it again;
// any other click (a new tab, say) is the browser's.

const SVG = "http://www.w3.org/2000/svg";

function node(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== "") element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

function shape(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function picture(alt, width, height, className) {
  const box = { viewBox: `0 0 ${width} ${height}`, class: className };
  // Beside words that say the same, it need not be read out.
  if (!alt) return shape("svg", { ...box, "aria-hidden": "true" });
  const title = shape("title", {});
  title.textContent = alt;
  return shape("svg", { ...box, role: "img", "aria-label": alt }, title);
}

function sign(glyphs, { icon, role, hollow, alt }) {
  const svg = picture(alt, 24, 24, `sign ${role}${hollow ? " hollow" : ""}`);
  for (const [stroke, path] of glyphs[icon]) svg.append(shape("path", { d: path, class: stroke }));
  return svg;
}

function level(line, className) {
  return shape("line", { x1: line.x1, y1: line.y, x2: line.x2, y2: line.y, class: className });
}

function chart(marks, drawing, alt) {
  const svg = picture(alt, drawing.width, drawing.height, "chart");
  for (const x of drawing.steps) {
    svg.append(shape("line", { x1: x, y1: 0, x2: x, y2: drawing.height, class: "step" }));
  }
  for (const limit of drawing.limits) svg.append(level(limit, "limit"));
  for (const mean of drawing.means) svg.append(level(mean, "mean"));
  for (const x of drawing.gaps) {
    const y = drawing.height - 1;
    svg.append(shape("line", { x1: x - 2, y1: y, x2: x + 2, y2: y, class: "gap" }));
  }
  for (const line of drawing.lines) {
    const points = line.map(([x, y]) => `${x},${y}`).join(" ");
    svg.append(shape("polyline", { points, class: "values" }));
  }
  for (const mark of drawing.marks) {
    svg.append(
      shape("path", {
        d: marks[mark.judgement],
        transform: `translate(${mark.x} ${mark.y})`,
        class: `mark ${mark.judgement}${mark.hollow ? " hollow" : ""}`,
      }),
    );
  }
  return svg;
}

function link(href, className, ...children) {
  const anchor = node("a", { href, class: className }, ...children);
  anchor.addEventListener("click", (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    follow(anchor.href);
  });
  return anchor;
}

// One step in the browser's history, which Streamlit then answers as it answers Back and Forward:
// asked for from Python, the same change would leave a second, half-written address behind.
function follow(address) {
  window.history.pushState({}, "", address);
  window.dispatchEvent(new PopStateEvent("popstate"));
  document.querySelector("h1")?.scrollIntoView({ block: "center" });
}

const text = (tag, className, words) => node(tag, { class: className }, words);

// --- Teams by measures -------------------------------------------------------------------------

function matrix(board, tools) {
  const wide = board.columns.length <= 10;
  const groups = node("tr", {}, node("td", {}));
  for (const group of board.groups) {
    const heading = node("th", { scope: "colgroup", colspan: group.span, class: "group" });
    heading.append(text("span", "group-name", group.title));
    if (group.note) heading.append(text("span", "group-note", group.note));
    groups.append(heading);
  }
  const titles = node("tr", {}, text("th", "corner", board.corner));
  titles.firstChild.setAttribute("scope", "col");
  for (const column of board.columns) {
    const name = link(column.href, "measure-name", text("span", "", column.title));
    const letter = node("abbr", { class: "letter", title: column.family }, column.letter);
    titles.append(
      node("th", { scope: "col", class: `title ${column.first ? "first" : ""}` }, name, letter),
    );
  }
  const table = node(
    "table",
    { class: wide ? "matrix wide" : "matrix" },
    text("caption", "unseen", board.caption),
    node("thead", {}, groups, titles),
  );
  for (const locality of board.localities) {
    const body = node("tbody", {});
    if (locality.name) {
      const span = board.columns.length + 1;
      const heading = node("th", { scope: "rowgroup", colspan: span, class: "locality" });
      heading.append(locality.name);
      body.append(node("tr", {}, heading));
    }
    for (const team of locality.teams) {
      const name = node("th", { scope: "row", class: "team" });
      name.append(link(team.href, "", team.name));
      if (team.flag) name.append(text("span", "flag", team.flag));
      const row = node("tr", { class: team.flag ? "flagged" : "" }, name);
      team.cells.forEach((cell, index) => {
        const drawn = sign(tools.glyphs, cell.sign);
        const content = link(cell.href, "cell", drawn);
        content.title = cell.sign.alt;
        const first = board.columns[index].first ? "first" : "";
        row.append(node("td", { class: first }, content));
      });
      body.append(row);
    }
    table.append(body);
  }
  return table;
}

function matrixAsList(board, tools) {
  const list = node("div", { class: "as-list" });
  for (const locality of board.localities) {
    if (locality.name) list.append(text("h2", "locality", locality.name));
    for (const team of locality.teams) {
      const entry = node("section", { class: "entry" });
      entry.append(node("h3", {}, link(team.href, "", team.name)));
      if (team.flag) entry.append(text("p", "flag", team.flag));
      const signals = node("ul", {});
      for (const cell of team.cells.filter((one) => one.stands_out)) {
        const said = node("span", {}, text("strong", "", cell.title), `: ${cell.short}`);
        const row = link(cell.href, "row", sign(tools.glyphs, cell.sign), said);
        signals.append(node("li", {}, row));
      }
      if (signals.childElementCount) entry.append(signals);
      entry.append(text("p", "rest", team.rest));
      list.append(entry);
    }
  }
  return list;
}

// --- Cards and tiles ---------------------------------------------------------------------------

function card(one, tools) {
  const head = node("div", { class: "card-head" }, sign(tools.glyphs, one.sign));
  head.append(text("h3", "card-sentence", one.sentence));
  const drawings = node("div", { class: "drawings" }, figure(one, tools));
  if (one.beside) {
    const beside = figure(one.beside, tools);
    beside.classList.add("beside");
    drawings.append(beside);
  }
  const entry = node("article", { class: "card" }, head, drawings);
  for (const note of one.notes) entry.append(text("p", "note", note));
  if (one.find_them) {
    const find = node("details", {}, text("summary", "", "How to find these people"));
    find.append(text("p", "", one.find_them));
    entry.append(find);
  }
  return entry;
}

function figure(one, tools) {
  const name = link(one.href, "", one.title);
  const caption = node("figcaption", {}, name);
  if (one.why) caption.append(text("span", "why", one.why));
  const foot = node("p", { class: "foot" });
  foot.append(text("strong", "number", one.number), " ", text("span", "unit", one.unit));
  if (one.usual) foot.append(text("span", "usual-range", one.usual));
  if (one.standing) foot.append(text("span", "standing", one.standing));
  return node("figure", {}, caption, chart(tools.marks, one.chart, one.chart_alt), foot);
}

function cards(board, tools) {
  return node("div", { class: "cards" }, ...board.cards.map((one) => card(one, tools)));
}

function tile(one, tools) {
  const entry = node("article", { class: `tile${one.chosen ? " chosen" : ""}` });
  const title = one.href
    ? link(one.href, "tile-title", one.title)
    : text("span", "tile-title", one.title);
  const head = node("header", {}, node("h3", {}, title));
  if (one.letter) head.append(node("abbr", { class: "letter", title: one.family }, one.letter));
  entry.append(head, chart(tools.marks, one.chart, one.chart_alt));
  const value = node("p", { class: "value" }, text("strong", "number", one.number));
  value.append(" ", text("span", "unit", one.unit));
  if (one.number) entry.append(value);
  const state = node("p", { class: `state ${one.sign.role}` }, sign(tools.glyphs, one.sign));
  state.append(text("span", "", one.short));
  entry.append(state);
  if (one.usual) entry.append(text("p", "usual-range", one.usual));
  if (one.standing) entry.append(text("p", "standing", one.standing));
  return entry;
}

function tiles(board, tools) {
  const all = node("div", { class: "groups" });
  for (const group of board.groups) {
    const section = node("section", {});
    const heading = text("h2", "group-title", group.title);
    if (group.note) heading.append(text("span", "group-note", group.note));
    const grid = node("div", { class: "grid" }, ...group.tiles.map((one) => tile(one, tools)));
    section.append(heading, grid);
    all.append(section);
  }
  return all;
}

function legend(board, tools) {
  const list = node("ul", { class: "legend" });
  for (const one of board.signs) {
    list.append(node("li", {}, sign(tools.glyphs, one), text("span", "", one.words)));
  }
  return list;
}

// --- How it is thought to work -----------------------------------------------------------------

// One column a stage; what bears on all of it from outside lies beneath.
function model(board, tools) {
  const inside = node("div", { class: "stages" });
  const all = node("div", { class: "model" }, inside);
  for (const stage of board.stages) {
    const head = node("header", {}, text("h2", "stage-title", stage.title));
    if (stage.when) head.append(text("p", "when", stage.when));
    const nodes = stage.nodes.map((one) => modelNode(one, tools));
    const section = node("section", { class: stage.outside ? "outside" : "stage" }, head, ...nodes);
    (stage.outside ? all : inside).append(section);
  }
  return all;
}

function modelNode(one, tools) {
  const entry = node("article", { class: `node${one.unmeasured ? " unmeasured" : ""}` });
  entry.dataset.id = one.id;
  // The arrows are drawn anew whenever the width changes; a list has none.
  for (const event of ["pointerenter", "focusin"]) {
    entry.addEventListener(event, () => entry.raiseArrows?.());
  }
  for (const event of ["pointerleave", "focusout"]) {
    entry.addEventListener(event, () => entry.lowerArrows?.());
  }
  entry.append(text("h3", "", one.title));
  if (one.when) entry.append(text("p", "when", one.when));
  const list = node("ul", {});
  for (const measure of one.measures) {
    const name = node("span", {}, text("span", "name", measure.title), " ");
    name.append(text("span", `short${measure.stands_out ? " out" : ""}`, measure.short));
    const inner = [sign(tools.glyphs, measure.sign), name];
    const row = measure.href ? link(measure.href, "row", ...inner) : node("span", { class: "row" }, ...inner);
    list.append(node("li", {}, row));
  }
  if (one.measures.length) entry.append(list);
  if (one.unmeasured) entry.append(text("p", "lacking", one.unmeasured));
  if (one.not_shown) entry.append(text("p", "not-shown", one.not_shown));
  if (one.leads_to) entry.append(text("p", "leads-to", `Leads to ${one.leads_to}.`));
  return entry;
}

// Arrows run beneath the nodes; those of the node that somebody points at or is in lie above them.
function arrows(drawn, board) {
  for (const layer of drawn.querySelectorAll("svg.arrows")) layer.remove();
  const frame = drawn.getBoundingClientRect();
  const layers = ["beneath", "above"].map((place) =>
    shape("svg", {
      class: `arrows ${place}`,
      viewBox: `0 0 ${frame.width} ${frame.height}`,
      "aria-hidden": "true",
    }),
  );
  const boxes = new Map();
  for (const element of drawn.querySelectorAll(".node")) {
    const box = element.getBoundingClientRect();
    const outside = element.parentElement.className === "outside";
    boxes.set(element.dataset.id, {
      element,
      outside,
      left: box.left - frame.left,
      right: box.right - frame.left,
      top: box.top - frame.top,
      leaving: 0,
      arriving: 0,
      paths: [],
    });
  }
  const nodes = board.stages.flatMap((stage) => stage.nodes);
  for (const from of nodes) {
    for (const id of from.to) {
      const ends = [boxes.get(from.id), boxes.get(id)];
      const arrow = shape("g", { class: "arrow" });
      const [line, tip] = way(...ends);
      arrow.append(shape("path", { d: line, class: "way" }), shape("path", { d: tip, class: "tip" }));
      layers[0].append(arrow);
      for (const end of ends) end.paths.push(arrow);
    }
  }
  for (const { element, paths } of boxes.values()) {
    element.raiseArrows = () => layers[1].append(...paths);
    element.lowerArrows = () => layers[0].append(...paths);
  }
  drawn.prepend(layers[0]);
  drawn.append(layers[1]);
}

// Return an arrow's line and its tip: on the right from left to right, in the gap between two
// columns within one, and up the gap from what lies beneath.
function way(from, to) {
  const step = 7;
  const y2 = to.top + 16 + step * to.arriving++;
  const tip = (x, y, way) => `M${x} ${y}l${-6 * way} -3.5v7z`;
  if (from.outside) {
    const x = to.left - 9 - 3 * (to.arriving % 3);
    return [`M${x} ${from.top}V${y2 + 8}Q${x} ${y2} ${to.left - 5} ${y2}`, tip(to.left, y2, 1)];
  }
  const y1 = from.top + 16 + step * from.leaving++;
  if (to.left > from.left) {
    const bend = Math.max(14, (to.left - from.right) / 2);
    const [x1, x2] = [from.right, to.left - 5];
    return [`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, tip(to.left, y2, 1)];
  }
  if (to.left < from.left) {
    const bend = Math.max(14, (from.left - to.right) / 2);
    const [x1, x2] = [from.left, to.right + 5];
    return [`M${x1} ${y1}C${x1 - bend} ${y1} ${x2 + bend} ${y2} ${x2} ${y2}`, tip(to.right, y2, -1)];
  }
  const x = from.left - 15 - 2 * (from.leaving % 3);
  return [
    `M${from.left} ${y1}C${x} ${y1} ${x} ${y2} ${to.left - 5} ${y2}`,
    tip(to.left, y2, 1),
  ];
}

const BOARDS = { matrix, cards, tiles, legend };

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".root");
  const tools = { glyphs: data.glyphs, marks: data.marks };
  if (data.kind === "model") {
    const drawn = model(data.board, tools);
    root.replaceChildren(drawn);
    // Where the columns would not fit, the nodes stand beneath each other and say what they lead to.
    const fitModel = () => {
      const wide = root.clientWidth >= data.board.needs_width;
      drawn.classList.toggle("wide", wide);
      if (wide) arrows(drawn, data.board);
      else for (const layer of drawn.querySelectorAll("svg.arrows")) layer.remove();
    };
    const watcher = new ResizeObserver(fitModel);
    watcher.observe(root);
    fitModel();
    return () => watcher.disconnect();
  }
  if (data.kind !== "matrix") {
    root.replaceChildren(BOARDS[data.kind](data.board, tools));
    return undefined;
  }
  // Where the table would not fit, the same signs become a list of teams, in words.
  let shown = null;
  const fit = () => {
    const form = root.clientWidth >= data.board.needs_width ? matrix : matrixAsList;
    if (form === shown || !root.clientWidth) return;
    shown = form;
    root.replaceChildren(form(data.board, tools));
  };
  const observer = new ResizeObserver(fit);
  observer.observe(root);
  fit();
  return () => observer.disconnect();
}
