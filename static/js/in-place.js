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
  const asks = event.detail.requestConfig.elt;
  const form = asks.matches("form, [data-cancel]") ? asks.closest("form[data-in-place]") : null; // not a field that looks up
  released = form && event.detail.xhr.status < 400 ? form : null;
  if (released) returnTo = `edit-${released.dataset.inPlace}`;
});

document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const others = [...(detail.target.querySelectorAll?.("form[data-in-place]") ?? [])].filter((form) => form !== released);
  if (!others.length) return;
  detail.shouldSwap = false;
  if (detail.target.contains(released)) putBack(detail.fragment);
});

// Where another fact beside it is still being edited, the one that is done is put back alone.
function putBack(fragment) {
  const fact = fragment.querySelector(`#${returnTo}`)?.closest("[data-fact]");
  if (!fact) return released.remove();
  released.closest("[data-fact]").replaceWith(fact);
  globalThis.htmx.process(fact);
}

document.addEventListener("htmx:afterSettle", (event) => {
  const form = editing(event.detail.target);
  if (form) form.querySelector("[aria-invalid=true], [autofocus], .radio:checked")?.focus();
  if (!returnTo || document.activeElement !== document.body) return;
  document.getElementById(returnTo)?.focus();
  returnTo = null;
});
