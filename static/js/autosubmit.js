// <form data-autosubmit>: a filter that acts when it is changed; words wait for a pause in typing.
// Several ticks in its <details data-submit-on-close> act together, when it is closed.
import { isDirty } from "./forms.js";

const PAUSE = 350;
const waiting = new WeakMap();

function submitSoon(form, delay) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => form.requestSubmit(), delay));
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-autosubmit]") || event.target.type === "search") return;
  if (event.target.type === "checkbox" && event.target.closest("[data-submit-on-close]")) return;
  submitSoon(form, 0);
});

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
