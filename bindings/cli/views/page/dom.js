/* SPDX-License-Identifier: MIT */
/*
 * dom.js - what the scripts of all pages begin with: members of JSON, figures
 * as C prints them, and elements. All text becomes text nodes, so that no name
 * can be markup.
 */
"use strict";

/** The JSON in the element of this name. */
function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function member(object, key) {
  return object && Object.hasOwn(object, key) ? object[key] : undefined;
}

function number(object, key) {
  const value = member(object, key);
  return typeof value === "number" ? value : NaN;
}

function list(object, key) {
  const value = member(object, key);
  return Array.isArray(value) ? value : [];
}

const NONE = "\u2013"; /* of what is not known */

/** As C's "%.2f": a tie goes to the even digit. */
function fixed(x, digits) {
  if (!Number.isFinite(x)) return NONE;
  const exact = x.toFixed(60);
  const end = exact.length - 60 + (digits || -1);
  const kept = exact.slice(0, end);
  return /^\.?50*$/.test(exact.slice(end)) && "02468".includes(kept.slice(-1))
    ? kept
    : x.toFixed(digits);
}

function count(n, thing) {
  return `${n} ${thing}${n === 1 ? "" : "s"}`;
}

/** Control characters could turn the text around them. */
function clean(text) {
  return String(text).replace(
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    "\ufffd"
  );
}

function append(parent, children) {
  for (const child of [children].flat())
    parent.append(child instanceof Node ? child : clean(child));
  return parent;
}

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    element.setAttribute(name, value);
  return append(element, children);
}

/**
 * Put contents in the parts of these names. Without content ("", [], false
 * or null) whatever is there if there is one goes; true is no content, but
 * lets it stay.
 */
function fill(root, contents) {
  for (const [name, content] of Object.entries(contents)) {
    if (!content || content.length === 0)
      for (const e of root.querySelectorAll(`[data-if="${name}"]`))
        e.remove();
    else if (content !== true)
      for (const e of root.querySelectorAll(`[data-part="${name}"]`))
        append(e, content);
  }
  return root;
}

function copy(name) {
  const template = document.querySelector(`template[data-name="${name}"]`);
  return template.content.firstElementChild.cloneNode(true);
}

function term(name, ...values) {
  const dds = values.map((value) => make("dd", {}, value));
  return make("div", {}, make("dt", {}, name), ...dds);
}
