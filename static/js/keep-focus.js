// Where the cursor goes when what it stood on is drawn anew without it: what bears the same id, the button of the menu
// that it stood in, or the first place within the nearest part that is still there. Never to the top of the page.
const PLACES = ":is(a[href], button, input, select, textarea, summary):not([disabled], [type=hidden], [tabindex='-1'])";
let left = [];

// The ids around an element, the nearest first.
export function around(element) {
  const ids = [element?.id, element?.closest?.("details.menu")?.querySelector("summary").id];
  for (let part = element?.parentElement; part && part.id !== "main" && part !== document.body; part = part.parentElement) ids.push(part.id);
  return ids.filter(Boolean);
}

export function goBack(ids) {
  const part = ids.map((id) => document.getElementById(id)).find((found) => found?.checkVisibility());
  const places = part?.matches(PLACES) ? [part] : [...(part?.querySelectorAll(PLACES) ?? [])];
  places.find((place) => place.checkVisibility())?.focus({ preventScroll: true });
}

document.addEventListener("focusin", ({ target }) => {
  if (!target.closest("dialog, #toasts")) left = around(target);
});

// A press beside everything takes the cursor away on purpose.
document.addEventListener("pointerdown", ({ target }) => {
  if (!target.closest("a, button, input, select, textarea, summary, label")) left = [];
});

// After everybody else: others may know a better place.
document.addEventListener("htmx:afterSettle", () => queueMicrotask(() => {
  if (document.activeElement === document.body && !document.querySelector("dialog[open]")) goBack(left);
}));
