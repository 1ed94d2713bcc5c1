// form[data-in-place]: a fact edited where it stands. Esc puts back what stood there, the cursor returns to where it came
// from, and what others change meanwhile does not take the form away while somebody writes in it.
let released = null;
let returnTo = null;

const editing = (element) => element?.querySelector?.("form[data-in-place]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const isNowhere = event.target === document.body && !document.querySelector("dialog[open]");
  const form = event.target.closest?.("form[data-in-place]") ?? (isNowhere ? editing(document) : null);
  if (!form) return;
  event.preventDefault();
  event.stopPropagation();
  form.querySelector("[data-cancel]").click();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig.elt.closest("form[data-in-place]");
  released = form && event.detail.xhr.status < 400 ? form : null;
  if (released) returnTo = `edit-${released.dataset.inPlace}`;
});

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const form = editing(event.detail.target);
  if (form && form !== released) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const form = editing(event.detail.target);
  if (form) form.querySelector("[aria-invalid=true], [autofocus], .radio:checked")?.focus();
  if (!returnTo || document.activeElement !== document.body) return;
  document.getElementById(returnTo)?.focus();
  returnTo = null;
});
