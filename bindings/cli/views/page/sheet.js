/* SPDX-License-Identifier: MIT */
/*
 * sheet.js - fills sheet.html with scores; it stands behind dom.js. "items" is
 * what score_sheet.c knows of the run, then one object per image.
 */
(function () {
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

  function row(item, c) {
    const percent = 100 * item.probabilities[c];
    const bar = make("div", { class: `bar c${c % N_COLOURS}` });
    bar.style.width = `${percent}%`;
    return make("div", { class: c === item.best ? "row top" : "row" },
                make("span", {}, run.names[c]),
                make("div", { class: "rail" }, bar),
                make("span", {}, `${fixed(percent, 1)} %`));
  }

  function figure(item) {
    const isScored = item.message === undefined;
    const element = copy("item");
    if (item.image) element.querySelector("img").src = item.image;
    return fill(element, {
      image: Boolean(item.image),
      none: !item.image &&
        (isScored ? "larger than 2 MB: not put in" : "no image"),
      best: isScored && run.names[item.best],
      percent: isScored && `${fixed(100 * item.probabilities[item.best], 0)} %`,
      path: item.path,
      rows: isScored ? item.shown.map((c) => row(item, c)) : [],
      bad: !isScored && `${item.status}: ${item.message}`,
    });
  }

  function facts() {
    const nFailed = items.filter((item) => item.message !== undefined).length;
    const known = FACTS.filter(([key]) => member(run, key) !== undefined);
    return [["Images", `${items.length}, ${nFailed} of them failed`],
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
