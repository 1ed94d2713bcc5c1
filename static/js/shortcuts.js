// Keys: <a data-key="g b">, <button data-key="m">. A link or button is pressed, a field gets the cursor, a menu both.
// Never while typing, never with Ctrl or Alt, and not at all when the reader turned single keys off (WCAG 2.1.4).
import { beginHolding, hold } from "./typed-ahead.js";

const PAUSE = 1200;
const SETTING = "single-keys";
let typed = [];
let last = 0;

export function isTyping(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]");
}

export function isOn() {
  return localStorage.getItem(SETTING) !== "off";
}

// An open dialog has the keys to itself; the last one declared wins, so that a page may take a key over.
function declared() {
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  return [...(dialog || document).querySelectorAll("[data-key]")].filter((element) => element.checkVisibility?.() ?? true);
}

function press(element) {
  const isChoiceHere = element.matches("[type=radio]") && document.activeElement?.name === element.name; // Tab goes on from it
  if (isChoiceHere || element.matches("input:not([type=checkbox], [type=radio]), select, textarea, summary")) element.focus();
  if (!element.matches("input:not([type=checkbox], [type=radio]), select, textarea")) element.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !isOn()) return;
  if (event.key.length > 1 || hold(event)) return;
  const now = Date.now();
  typed = now - last < PAUSE ? [...typed, event.key.toLowerCase()] : [event.key.toLowerCase()];
  last = now;
  const keys = declared();
  const wanted = [typed.slice(-2).join(" "), typed.at(-1)];
  const found = wanted.map((key) => keys.findLast((element) => element.dataset.key === key)).find(Boolean);
  if (!found) return;
  event.preventDefault();
  typed = [];
  press(found);
  if (found.getAttribute("hx-target") === "#dialog") beginHolding();
});

function label(element) {
  return element.dataset.keyLabel || element.getAttribute("aria-label") || element.querySelector(".sidebar__label")?.textContent
    || [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join(" ").trim()
    || element.title;
}

class ShortcutHelp extends HTMLElement {
  connectedCallback() {
    const box = this.querySelector("[data-keys-on]");
    box.checked = isOn();
    box.addEventListener("change", () => localStorage.setItem(SETTING, box.checked ? "on" : "off"));
    this.closest("dialog").addEventListener("toggle", () => this.list());
    document.addEventListener("click", (event) => event.target.closest('[data-dialog="shortcuts"]') && this.list(), true);
  }

  list() {
    const here = this.querySelector("[data-here]");
    const seen = new Map();
    for (const element of document.querySelectorAll("[data-key]:not(#toasts *), #main [data-row-key]")) {
      if (!element.hidden && !element.checkVisibility()) continue; // those that are hidden themselves are only told
      seen.set(element.dataset.key ?? element.dataset.rowKey, label(element));
    }
    here.replaceChildren(...[...seen].flatMap(([keys, words]) => this.row(keys, words)));
  }

  row(keys, words) {
    const [what, which] = [document.createElement("dt"), document.createElement("dd")];
    what.textContent = words;
    for (const key of keys.split(" ")) {
      const cap = document.createElement("kbd");
      cap.className = "kbd";
      cap.textContent = key.toUpperCase();
      which.append(cap);
    }
    return [what, which];
  }
}

customElements.define("shortcut-help", ShortcutHelp);
