// Forms: one press sends once; data-guard asks before typed words are lost; a refused form shows what is wrong.
// A form that answers with a file says data-resubmit and keeps its button.
const sent = new WeakSet();

export function isDirty(form) {
  return [...form.elements].some((field) => {
    if (!field.name || field.type === "hidden" || field.type === "submit") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.options) return [...field.options].some((o) => o.selected !== o.defaultSelected) && field.selectedIndex > 0;
    return "defaultValue" in field && field.value !== field.defaultValue;
  });
}

const locked = new WeakMap();

function lock(form, submitter) {
  form.dataset.busy = "";
  submitter?.classList.add("is-busy");
  // After the browser has read the pressed button's name and value.
  const buttons = [...form.elements].filter((field) => field.type === "submit" && !field.disabled);
  locked.set(form, buttons);
  setTimeout(() => "busy" in form.dataset && buttons.forEach((button) => { button.disabled = true; }));
}

function unlock(form) {
  delete form.dataset.busy;
  for (const button of locked.get(form) ?? []) {
    button.classList.remove("is-busy");
    button.disabled = false;
  }
}

// Before anybody else hears of it: a form that is on its way is not sent again.
document.addEventListener("submit", (event) => {
  if (!("busy" in event.target.dataset)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "resubmit" in form.dataset || event.defaultPrevented) return;
  sent.add(form);
  lock(form, event.submitter);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches("form[method=post]")) return;
  sent.add(form);
  lock(form, event.detail.requestConfig.triggeringEvent?.submitter);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches("form")) return;
  unlock(form);
  if (!event.detail.successful) sent.delete(form);
});

// The page came back from the browser's memory: its buttons must work again.
addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(unlock));

addEventListener("beforeunload", (event) => {
  const unsaved = [...document.querySelectorAll("form[data-guard]")].some((form) => !sent.has(form) && isDirty(form));
  if (unsaved) event.preventDefault();
});

function showErrors(root) {
  root.querySelector?.("[data-form-errors]")?.focus();
}
document.addEventListener("htmx:afterSettle", (event) => showErrors(event.target));
showErrors(document);

// Ctrl Enter sends the form from any of its fields, and that of an open dialog from wherever the cursor is.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.form ?? event.target.closest("form") ?? document.querySelector("dialog[open] form[method=post]");
  form?.requestSubmit();
});

// A checkbox that stands for some of many.
for (const box of document.querySelectorAll("[data-indeterminate]")) box.indeterminate = true;
