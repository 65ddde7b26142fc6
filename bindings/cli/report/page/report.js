/* SPDX-License-Identifier: MIT */
/*
 * report.js - fills report.html with the results of an evaluation; it stands
 * behind dom.js. "results" is results.json, "view" is what report_page.c adds.
 */
(function () {
  const MOST_OPEN = 2; /* results that are all open from the start */
  const MOST_VALUES = 3; /* of one fact, among all results */
  const DIGEST_SHORT = 12;
  const FACTS = [
    ["model", "Weights", "name"],
    ["model_fingerprint", "Fingerprint", "digest"],
    ["head", "Head", "head"],
    ["preprocess", "Preprocessing", "word"],
    ["dtype", "Numbers", "word"],
    ["pooling", "Pooling of prompts", "word"],
    ["data", "Data", "path"],
    ["lists", "Lists", "path"],
    ["split", "Split", "word"],
    ["sampling", "Frames of clips", "word"],
    ["n_samples", "Frames per clip", "word"],
    ["order", "Order of frames", "word"],
    ["library", "Library", "word"],
  ];

  const view = read("view");
  const rows = view.rows;
  const results = read("results").map((json, i) => ({
    ...view.cards[i],
    json,
    row: rows[view.cards[i].row],
    column: view.columns[view.cards[i].column],
    uar: number(json, "uar"),
    war: number(json, "war"),
  }));

  /* ------------------------------------------------------------------------
   * Numbers
   */

  function signed(x) {
    return (x < 0 || Object.is(x, -0) ? "" : "+") + fixed(x, 2);
  }

  function pair(uar, war) {
    return `${fixed(uar, 2)}/${fixed(war, 2)}`;
  }

  function range(interval) {
    return `${fixed(interval[0], 2)}\u2013${fixed(interval[1], 2)}`;
  }

  function interval(r, key) {
    return list(member(r.json, "interval"), key);
  }

  /* ------------------------------------------------------------------------
   * Elements
   */

  function best(x, isBest) {
    return make("b", isBest ? { class: "best" } : {}, fixed(x, 2));
  }

  function place(className, left, width) {
    const clamp = (x) => Math.min(100, Math.max(0, x));
    const mark = make("i", { class: className });
    mark.style.left = `${clamp(left)}%`;
    if (width !== undefined) mark.style.width = `${clamp(width)}%`;
    return mark;
  }

  /** A rail with a bar of percent, and what else is to be seen on it. */
  function bar(value, marks = {}) {
    const rail = make("span", { class: "rail", "aria-hidden": "true" });
    const [low, high] = marks.interval || [];
    if (Number.isFinite(value)) rail.append(place("bar", 0, value));
    if (Number.isFinite(low)) rail.append(place("span", low, high - low));
    for (const [name, x] of [["chance", marks.chance], ["ref", marks.logged]])
      if (Number.isFinite(x)) rail.append(place(name, x));
    return rail;
  }

  /** Each outline of a letter is in the page once, for all plots. */
  function glyphs() {
    const svg = "http://www.w3.org/2000/svg";
    const all = document.createElementNS(svg, "svg");
    all.setAttribute("class", "glyphs");
    all.append(...view.glyphs.map((outline, i) => {
      const symbol = document.createElementNS(svg, "symbol");
      symbol.id = `g${i}`;
      symbol.setAttribute("overflow", "visible");
      const path = document.createElementNS(svg, "path");
      path.setAttribute("d", outline);
      symbol.append(path);
      return symbol;
    }));
    return all;
  }

  /** Letters: "number,x,y number,x,y". */
  function write(run) {
    for (const glyph of run.dataset.glyphs.split(" ")) {
      const [number, x, y] = glyph.split(",");
      const use = document.createElementNS(run.namespaceURI, "use");
      use.setAttribute("href", `#g${number}`);
      use.setAttribute("x", x);
      use.setAttribute("y", y);
      run.append(use);
    }
  }

  /** The text of an SVG that the program drew. */
  function plot(svg) {
    if (!svg) return null;
    const found = new DOMParser().parseFromString(svg, "image/svg+xml");
    const element = document.importNode(found.documentElement, true);
    element.querySelectorAll("[data-glyphs]").forEach(write);
    const width = element.viewBox.baseVal.width;
    element.style.setProperty("--least", `${0.75 * width}px`);
    element.style.setProperty("--most", `${1.1 * width}px`);
    return element;
  }

  /* ------------------------------------------------------------------------
   * Rows, and what the filters know them by
   */

  function modelKey(row) {
    return rows.findIndex((r) => r.model === row.model && r.head === row.head);
  }

  function promptsKey(row) {
    return rows.findIndex((r) => r.prompts === row.prompts);
  }

  function keys(row) {
    return { "data-m": modelKey(row), "data-p": promptsKey(row) };
  }

  function modelOf(row) {
    return `${row.model} \u00b7 ${row.head}`;
  }

  function resultAt(row, column) {
    return results.find((r) => r.row === row && r.column === column);
  }

  /** Rows of a table, with a line before those of each model. */
  function grouped(shown, nColumns, makeRow) {
    return shown.flatMap((row, i) => {
      const isNew = i === 0 || modelKey(row) !== modelKey(shown[i - 1]);
      const heading = { colspan: nColumns, scope: "rowgroup" };
      const line = () =>
        make("tr", { class: "group", "data-m": modelKey(row) },
             make("th", heading, modelOf(row)));
      return isNew ? [line(), makeRow(row)] : [makeRow(row)];
    });
  }

  /* ------------------------------------------------------------------------
   * What was run
   */

  function isEmpty(value) {
    return value === undefined || value === null || value === "" ||
      (Array.isArray(value) && !value.length);
  }

  function fact(r, key) {
    return member(member(r.json, "provenance"), key);
  }

  function whole(value) {
    return Array.isArray(value) ? value.join(", ") : String(value);
  }

  /** For the page's head, where a word is enough: the card has all of it. */
  function short(value, kind) {
    if (Array.isArray(value) && value.length > 1)
      return `${value.length} files`;
    const text = whole(value);
    if (kind === "digest") return text.slice(0, DIGEST_SHORT);
    if (kind === "head" && text === "auto") return "own head";
    /* "ViT-B/32" is a name, "/models/b32.pt" a path. */
    return kind === "path" || kind === "head" || /^[./]/.test(text)
      ? text.replace(/^.*\/(?=.)/, "") : text;
  }

  function factsOf(r) {
    return FACTS.filter(([key]) => !isEmpty(fact(r, key)))
      .map(([key, name]) => term(name, whole(fact(r, key))));
  }

  function factsOfAll() {
    return FACTS.flatMap(([key, name, kind]) => {
      const values = new Map();
      for (const value of results.map((r) => fact(r, key)))
        if (!isEmpty(value)) values.set(JSON.stringify(value), value);
      const texts = [...values.values()].map((value) => short(value, kind));
      const n = texts.length - MOST_VALUES;
      const more = n > 0 ? ` and ${n} more` : "";
      return texts.length
        ? [term(name, texts.slice(0, MOST_VALUES).join(", ") + more)]
        : [];
    });
  }

  function lead() {
    const different = (of) => new Set(rows.map(of)).size;
    const nModels = different((row) => row.model);
    const nHeads = different(modelKey);
    return `Zero-shot: ${nHeads > nModels ? `${nHeads} heads on ` : ""}` +
      `${count(nModels, "model")}, ` +
      `${count(different(promptsKey), "prompt set")}, ` +
      `${count(view.columns.length, "dataset")}; ` +
      `${count(results.length, "result")}.`;
  }

  function promptLists() {
    const known = new Set();
    return results.flatMap((r) => {
      const prompts = fact(r, "prompts");
      const id = JSON.stringify([r.row.prompts, prompts]);
      if (isEmpty(prompts) || known.has(id)) return [];
      known.add(id);
      const names = Object.keys(prompts);
      return make("details", { class: "fold" },
        make("summary", {}, r.row.prompts, " ",
             make("span", { class: "soft" }, `${names.length} classes`)),
        make("dl", {}, names.map((c) => term(c, ...list(prompts, c)))));
    });
  }

  /* ------------------------------------------------------------------------
   * One result
   */

  function tile(name, figure, range_) {
    const small = range_ && range_.length === 2
      ? [make("small", {}, range(range_))] : [];
    return make("div", { class: "tile" }, make("span", {}, name),
                make("b", {}, figure), ...small);
  }

  function tiles(r) {
    const ece = number(member(r.json, "calibration"), "ece");
    const nFailed = number(r.json, "n_failed");
    const some = [
      tile("UAR, %", fixed(r.uar, 2), interval(r, "uar")),
      tile("WAR, %", fixed(r.war, 2), interval(r, "war")),
      tile("Macro F1, %", fixed(number(r.json, "macro_f1"), 2),
           interval(r, "macro_f1")),
    ];
    if (Number.isFinite(ece)) some.push(tile("ECE, %", fixed(ece, 2)));
    some.push(tile("Items", fixed(number(r.json, "n"), 0)));
    if (nFailed > 0) some.push(tile("Items that failed", fixed(nFailed, 0)));
    return some;
  }

  function classRows(r) {
    const rate = (kind, key, c) => {
      const x = number(member(r.json, key), c);
      return make("td", { class: kind }, fixed(x, 1), bar(x));
    };
    return r.classes.map((c) =>
      make("tr", {}, make("th", { scope: "row" }, c),
           rate("rec", "recall", c), rate("pre", "precision", c),
           rate("f1", "f1", c),
           make("td", { class: "num" },
                fixed(number(member(r.json, "support"), c), 0))));
  }

  function ranks(r) {
    return Object.entries(member(r.json, "top_k") || {}).map(([k, x]) =>
      make("div", { class: "m" }, make("span", {}, `Top ${k}`), bar(x),
           make("b", {}, fixed(x, 1))));
  }

  function foldRows(r) {
    const row = (name, fold) =>
      make("tr", {}, make("th", { scope: "row" }, name),
           ...["n", "n_failed"].map((k) =>
             make("td", {}, fixed(number(fold, k), 0))),
           ...["uar", "war"].map((k) =>
             make("td", {}, fixed(number(fold, k), 2))),
           make("td", {}, list(fold, "missing_classes").join(", ")));
    const folds = list(r.json, "folds");
    return folds.length < 2 ? [] : [
      ...folds.map((fold, i) => row(String(i + 1), fold)),
      row("Mean of folds", r.json),
      row("All items as one", member(r.json, "pooled")),
    ];
  }

  function calibration(r) {
    const its = member(r.json, "calibration");
    const temperature = number(its, "temperature");
    const after = number(its, "ece_calibrated");
    if (!its) return null;
    return (r.reliability
      ? "The bars are the accuracy, the pale parts its distance from the" +
        " confidence. "
      : "") +
      `Calibration error (ECE) ${fixed(number(its, "ece"), 2)} %` +
      (Number.isFinite(temperature + after)
        ? `; ${fixed(after, 2)} % with the logits divided by ` +
          `${Number(temperature.toPrecision(3))} (fitted to every second` +
          " item, measured on the others)."
        : ".");
  }

  function logged(r) {
    return r.logged &&
      `The reference logged UAR/WAR ${pair(r.logged.uar, r.logged.war)} for` +
      " its head on this model with these prompts. Here: " +
      `${signed(r.uar - r.logged.uar)}/${signed(r.war - r.logged.war)} points.`;
  }

  function failed(r) {
    const n = number(r.json, "n_failed");
    return n > 0 && `${count(n, "item")} could not be used and ` +
      `${n > 1 ? "are" : "is"} left out of all figures.`;
  }

  function card(r, isOpen) {
    const element = copy("card");
    element.id = r.name;
    element.open = isOpen;
    for (const [name, value] of Object.entries(keys(r.row)))
      element.setAttribute(name, value);
    /* Many plots are slow to build: each is when its card is opened. */
    element.addEventListener("toggle", () => fill(element, {
      confusion: plot(r.confusion),
      reliability: plot(r.reliability),
    }), { once: true });
    return fill(element, {
      prompts: r.row.prompts,
      model: modelOf(r.row),
      uar: fixed(r.uar, 2),
      war: fixed(r.war, 2),
      missing: list(r.json, "missing_classes").join(", "),
      failed: failed(r),
      failures: list(r.json, "failures").map((f) => term(f.path, f.message)),
      tiles: tiles(r),
      logged: logged(r),
      confusion: Boolean(r.confusion),
      calibration: calibration(r),
      classes: classRows(r),
      ranks: ranks(r),
      folds: foldRows(r),
      facts: factsOf(r),
    });
  }

  /* ------------------------------------------------------------------------
   * One dataset
   */

  function measure(r, key, chance) {
    const its = interval(r, key);
    const small = its.length === 2 ? [make("small", {}, range(its))] : [];
    const marks = { interval: its, chance, logged: number(r.logged, key) };
    return make("td", { class: key },
                make("div", { class: "m" }, best(r[key], r[`best_${key}`]),
                     bar(r[key], marks), ...small));
  }

  function bars(r, hasLogged) {
    const isChance = r.classes.length > list(r.json, "missing_classes").length;
    const ours = (text) => make("td", { class: "num ours" }, text);
    const cells = [measure(r, "uar", isChance ? 100 / r.classes.length : NaN),
                   measure(r, "war", NaN)];
    if (hasLogged)
      cells.push(
        ours(r.logged ? pair(r.logged.uar, r.logged.war) : ""),
        ours(r.logged ? `${signed(r.uar - r.logged.uar)}/` +
             signed(r.war - r.logged.war) : ""));
    return make("tr", keys(r.row),
                make("th", { scope: "row" },
                     make("a", { href: `#${r.name}` }, r.row.prompts)),
                ...cells);
  }

  function size(r) {
    const nFolds = list(r.json, "folds").length;
    const nFailed = number(r.json, "n_failed");
    const missing = list(r.json, "missing_classes").join(", ");
    return `${fixed(number(r.json, "n"), 0)} items, ` +
      `${r.classes.length} classes` +
      (nFolds > 1 ? `, ${nFolds} folds` : "") +
      (nFailed > 0 ? `, ${nFailed} more failed` : "") +
      (missing ? `, no item of: ${missing}` : "");
  }

  function dataset(column, index) {
    const shown = rows.filter((row) => resultAt(row, column));
    const its = shown.map((row) => resultAt(row, column));
    const hasLogged = its.some((r) => r.logged);
    const isOpen = (r) => results.length <= MOST_OPEN ||
      (view.columns.length === 1 && r.best_uar);
    const element = copy("dataset");
    element.id = `data-${index + 1}`;
    return fill(element, {
      title: column.title,
      size: size(its[0]),
      rows: grouped(shown, hasLogged ? 5 : 3,
                    (row) => bars(resultAt(row, column), hasLogged)),
      logged: hasLogged,
      interval: its.some((r) => member(r.json, "interval")),
      paper: column.paper.map((p) => `${p.name} ${pair(p.uar, p.war)}`)
        .join("; "),
      cards: its.map((r) => card(r, isOpen(r))),
    });
  }

  /* ------------------------------------------------------------------------
   * Page
   */

  function gridRow(row) {
    const cell = (r) => r
      ? make("td", {},
             make("a", { href: `#${r.name}` }, best(r.uar, r.best_uar),
                  make("br", {}),
                  make("small", {}, best(r.war, r.best_war))))
      : make("td", {});
    return make("tr", keys(row), make("th", { scope: "row" }, row.prompts),
                ...view.columns.map((column) => cell(resultAt(row, column))));
  }

  function link(column, i) {
    return make("a", { href: `#data-${i + 1}` }, column.title);
  }

  function options(key, text) {
    return rows.filter((row) => rows[key(row)] === row)
      .map((row) => make("option", { value: key(row) }, text(row)));
  }

  function intervalText() {
    const its = results.map((r) => member(r.json, "interval")).find(Boolean);
    const percent = Number((100 * number(its, "confidence")).toPrecision(6));
    return its && `${its.method}, ${percent} %`;
  }

  function fillPage() {
    const isGrid = view.columns.length > 1;
    const heads = view.columns.map((column, i) =>
      make("th", { scope: "col" }, link(column, i)));
    fill(document, {
      lead: lead(),
      demo: rows.some((row) => row.model === "demo"),
      no_plots: !view.has_plots,
      facts: factsOfAll(),
      tools: results.length > 1,
      links: view.columns.map(link),
      models: options(modelKey, modelOf),
      prompt_sets: options(promptsKey, (row) => row.prompts),
      grid_head: heads,
      grid: isGrid && grouped(rows, view.columns.length + 1, gridRow),
      prompts: promptLists(),
      interval: intervalText(),
      logged: results.some((r) => r.logged),
      version: view.version,
      datasets: view.columns.map(dataset),
    });
  }

  function all(selector, act) {
    document.querySelectorAll(selector).forEach(act);
  }

  function openLinked() {
    const element = document.getElementById(location.hash.slice(1));
    if (!element || element.tagName !== "DETAILS") return;
    element.open = true;
    element.scrollIntoView();
  }

  function watch(form) {
    const differs = (mine, wanted) =>
      wanted !== "" && mine !== undefined && mine !== wanted;
    const open = (is) => all("details.card", (e) => {
      e.open = is && !e.hidden;
    });
    form.addEventListener("change", () => all("[data-m]", (e) => {
      e.hidden = differs(e.dataset.m, form.elements.model.value) ||
        differs(e.dataset.p, form.elements.prompts.value);
    }));
    form.elements.opens.addEventListener("click", () => open(true));
    form.elements.closes.addEventListener("click", () => open(false));
  }

  document.body.append(glyphs());
  fillPage();
  all("form", watch);
  addEventListener("hashchange", openLinked);
  openLinked();
})();
