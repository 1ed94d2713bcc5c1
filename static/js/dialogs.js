// Dialogs and drawers: <dialog id="x">, opened by data-dialog="x", closed by data-close, Esc, or a press outside.
// #dialog is the slot for what the server sends (hx-target="#dialog"); the event "dialog:close" shuts it.
import { isDirty } from "./forms.js";
import { around, goBack } from "./keep-focus.js";
import { letGo } from "./typed-ahead.js";

const UNSAVED = 6000;
const openers = new WeakMap();

// Where one works: a key presses a button without going there, and it is there that one wants to be again.
function cursor() {
  return document.activeElement === document.body ? null : document.activeElement;
}

export function openDialog(dialog, opener = document.activeElement) {
  if (dialog.open) return;
  openers.set(dialog, { opener, ids: around(opener) });
  dialog.showModal();
  const first = dialog.querySelector("[autofocus], .dialog__body :is(input, select, textarea):not([type=hidden])");
  first?.focus();
  letGo();
}

export function closeDialog(dialog) {
  if (dialog?.open) dialog.close();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const home = cursor() ?? opener;
    opener.closest("details.menu")?.removeAttribute("open");
    openDialog(dialog, home);
    return;
  }
  if (event.target.closest("[data-close]")) {
    const open = event.target.closest("dialog");
    if (open) event.preventDefault();
    closeDialog(open);
  }
});

// A press outside closes, unless something was typed that would be lost.
document.addEventListener("pointerdown", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || !dialog.open) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right
    && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside && ![...dialog.querySelectorAll("form")].some(isDirty)) closeDialog(dialog);
});

// Esc does neither the first time, and says so; the second time it closes.
document.addEventListener("cancel", (event) => {
  const form = [...event.target.querySelectorAll("form[data-guard]")].find(isDirty);
  const warned = event.target.querySelector("[data-unsaved]");
  if (!form || warned || !event.cancelable) return;
  event.preventDefault();
  const words = document.createElement("p");
  words.className = "dialog__unsaved alert alert--yellow";
  words.dataset.unsaved = "";
  words.role = "alert";
  words.textContent = document.getElementById("toasts").dataset.unsaved;
  form.prepend(words);
  setTimeout(() => words.remove(), UNSAVED);
}, true);

document.addEventListener("close", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement)) return;
  const { opener, ids } = openers.get(dialog) ?? {};
  if (opener?.isConnected) opener.focus();
  else setTimeout(() => document.activeElement === document.body && goBack(ids ?? [])); // once the answer is drawn
  if ("slot" in dialog.dataset) dialog.replaceChildren();
}, true);

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.target.closest?.("dialog[data-slot]");
  if (!dialog || event.detail.xhr?.getResponseHeader("HX-Trigger")?.includes("dialog:close")) return;
  if (!dialog.childElementCount) return closeDialog(dialog);
  const title = dialog.querySelector("h1[id], h2[id]");
  if (title) dialog.setAttribute("aria-labelledby", title.id);
  openDialog(dialog, cursor() ?? event.detail.requestConfig?.elt);
});

document.addEventListener("dialog:close", () => {
  document.querySelectorAll("dialog[open]").forEach(closeDialog);
});
