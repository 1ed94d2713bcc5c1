// <form data-autosubmit>: a filter that acts when it is changed; words wait for a pause in typing, and so does a choice
// that is walked to by arrows. Where the page comes anew, the cursor is where it was.
// Several ticks in its <details data-submit-on-close> act together, when it is closed.
import { isDirty } from "./forms.js";

const PAUSE = 350;
const KEPT = "autosubmit-focus";
const waiting = new WeakMap();
let isWalking = false;

function submitSoon(form, delay) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => form.requestSubmit(), delay));
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-autosubmit]") || event.target.type === "search") return;
  if (event.target.type === "checkbox" && event.target.closest("[data-submit-on-close]")) return;
  submitSoon(form, isWalking ? 2 * PAUSE : 0);
});

document.addEventListener("keydown", (event) => {
  isWalking = event.target.matches?.("select") && /^(Arrow|Home|End|Page)/.test(event.key);
});
document.addEventListener("pointerdown", () => { isWalking = false; });

document.addEventListener("submit", (event) => {
  const { id, form } = document.activeElement;
  if (event.defaultPrevented || !id || form !== event.target || !form.matches("[data-autosubmit]")) return;
  sessionStorage.setItem(KEPT, JSON.stringify([location.pathname, id]));
});

const [path, place] = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
sessionStorage.removeItem(KEPT);
if (path === location.pathname) document.getElementById(place)?.focus({ preventScroll: true });

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("[data-submit-on-close]") || menu.open || !menu.isConnected) return;
  const form = menu.closest("form");
  if (form && isDirty(form)) submitSoon(form, 0);
}, true);

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-autosubmit]") && event.target.matches("[type=search], [type=text]")) submitSoon(form, PAUSE);
});

// Empty fields stay out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form[method=get], form:not([method])")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});
