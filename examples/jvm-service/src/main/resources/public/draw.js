// Boxes above an image, and bars for each face beside it.
const SVG = "http://www.w3.org/2000/svg";
const COLOURS = 11; // of app.css, in the order of the paper's classes
const ROWS = 11; // of a face at most

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes))
    element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function row(name, probability, colour) {
  const bar = make("div", `c${colour % COLOURS}`);
  bar.style.width = `${100 * probability}%`;
  return make("div", "row", make("span", "", name), make("div", "bar", bar),
              make("span", "", `${(100 * probability).toFixed(1)} %`));
}

/** Bars of one result; its number, if any, stands at the box of its face. */
function card(result, number) {
  const mark = number ? [make("span", "number", String(number))] : [];
  if (!result.scores) // this face failed
    return make("section", "", ...mark, result.message);
  const rows = Object.entries(result.scores)
    .map(([name, probability], colour) => ({name, probability, colour}))
    .sort((a, b) => b.probability - a.probability);
  const more = rows.length > ROWS
    ? [make("small", "", `and ${rows.length - ROWS} more`)] : [];
  return make("section", "",
    make("h2", "", ...mark, result.label),
    ...rows.slice(0, ROWS).map(r => row(r.name, r.probability, r.colour)),
    ...more);
}

/** The box of a face, light on dark, and its number, if any. */
function outline(face, number, [width, height]) {
  const [x, y, w, h] = face.box;
  const box = {x, y, width: w, height: h};
  const size = 0.035 * Math.max(width, height); // of the letters
  const text = draw("text", {
    x: Math.max(0, Math.min(x, width - 1.3 * size)),
    y: y > size ? y - size / 4 : Math.min(y + h + size, height),
    "font-size": size, "stroke-width": size / 5}, String(number));
  return [draw("rect", {class: "under", ...box}), draw("rect", box),
          ...(number ? [text] : [])];
}

/** Shows an answer of /v1/score. */
export function show(answer, boxes, bars) {
  const {faces, size = [1, 1]} = answer;
  const number = index => faces.length > 1 && index + 1;
  boxes.setAttribute("viewBox", `0 0 ${size.join(" ")}`);
  boxes.replaceChildren(...(faces ?? []).flatMap(
    (face, index) => outline(face, number(index), size)));
  bars.replaceChildren(...(faces
    ? faces.map((face, index) => card(face, number(index))) : [card(answer)]));
}

export function clear(boxes, bars) {
  boxes.replaceChildren();
  bars.replaceChildren();
}
