/* SPDX-License-Identifier: MIT */
/*
 * sheet.js - fills sheet.html with scores; it stands behind dom.js. "items" is
 * what score_sheet.c knows of the run, then one object per image.
 */
(function () {
  const SVG = "http://www.w3.org/2000/svg";
  const N_COLOURS = 11; /* of sheet.css, in the order of the paper's classes */
  const FACTS = [
    ["model", "Model"],
    ["fingerprint", "Fingerprint"],
    ["head", "Head"],
    ["preprocess", "Preprocessing"],
    ["dtype", "Numbers"],
    ["prompts", "Prompts"],
    ["pooling", "Pooling"],
    ["temperature", "Temperature"],
    ["made_by", "Made by"],
    ["made_on", "Made on"],
  ];
  const [run, ...items] = read("items");

  function row(result, c) {
    const percent = 100 * result.probabilities[c];
    const bar = make("div", { class: `bar c${c % N_COLOURS}` });
    bar.style.width = `${percent}%`;
    return make("div", { class: c === result.best ? "row top" : "row" },
                make("span", {}, run.names[c]),
                make("div", { class: "rail" }, bar),
                make("span", {}, `${fixed(percent, 1)} %`));
  }

  function section(result, index, all) {
    const isScored = result.message === undefined;
    const percent = isScored && 100 * result.probabilities[result.best];
    return fill(copy("result"), {
      number: all.length > 1 && String(index),
      best: isScored && run.names[result.best],
      percent: isScored && `${fixed(percent, 0)} %`,
      rows: isScored ? result.shown.map((c) => row(result, c)) : [],
      bad: !isScored && `${result.status}: ${result.message}`,
    });
  }

  function draw(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes))
      element.setAttribute(name, value);
    return append(element, children);
  }

  /** The box of a face, light on dark, and its number where there are more. */
  function outline(box, index, many, size) {
    const [x, y, width, height] = box;
    const place = { x, y, width, height };
    const high = 0.06 * Math.max(...size);
    const number = draw("text", { x: x + high / 5, y: y + high,
                                  "font-size": high,
                                  "stroke-width": high / 6 }, String(index));
    return [draw("rect", { class: "under", ...place }), draw("rect", place),
            ...(many ? [number] : [])];
  }

  function drawBoxes(svg, item) {
    const size = list(item, "size");
    if (size.length === 0) return;
    svg.setAttribute("viewBox", `0 0 ${size.join(" ")}`);
    item.results.forEach((result, index) => {
      const box = list(result, "box");
      if (box.length)
        append(svg, outline(box, index, item.results.length > 1, size));
    });
  }

  function figure(item) {
    const element = copy("item");
    if (item.image) {
      element.querySelector("img").src = item.image;
      drawBoxes(element.querySelector("svg"), item);
    }
    return fill(element, {
      image: Boolean(item.image),
      none: !item.image && "no image, or one of more than 8 MB",
      path: item.path,
      results: item.results.map(section),
    });
  }

  function facts() {
    const results = items.flatMap((item) => item.results);
    const nFailed = results.filter((r) => r.message !== undefined).length;
    const nFaces = results.length - items.length;
    const known = FACTS.filter(([key]) => member(run, key) !== undefined);
    return [["Images", nFaces
                        ? `${items.length} with ${results.length} results`
                        : String(items.length)],
            ["Failed", String(nFailed)],
            ...known.map(([key, name]) => [name, run[key]])]
      .flatMap(([name, value]) => [make("dt", {}, name),
                                   make("dd", {}, value)]);
  }

  fill(document, {
    model: run.model,
    demo: run.is_demo,
    items: items.map(figure),
    facts: facts(),
  });
})();
