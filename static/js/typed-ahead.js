// What is typed between the key that asks for a dialog and the dialog itself belongs into the dialog. It is held until
// the cursor stands in there; it must not be taken for other keys of the page meanwhile.
const PATIENCE = 4000;
const FIELD = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea";
let held = null;
let timer;

export function beginHolding() {
  held = "";
  clearTimeout(timer);
  timer = setTimeout(stopHolding, PATIENCE);
}

// Whether a key was held back for what is about to open.
export function hold(event) {
  if (held === null) return false;
  held += event.key;
  event.preventDefault();
  return true;
}

export function stopHolding() {
  const text = held;
  held = null;
  clearTimeout(timer);
  return text;
}

// Put what was held where the cursor is now, as if it were typed there; beside a field the keys do what they mean there.
export function letGo() {
  let text = stopHolding() ?? "";
  while (text) {
    const here = document.activeElement ?? document.body;
    if (here.matches(FIELD)) {
      here.value += text;
      here.dispatchEvent(new InputEvent("input", { bubbles: true, data: text }));
      return;
    }
    here.dispatchEvent(new KeyboardEvent("keydown", { key: text[0], bubbles: true, cancelable: true }));
    text = text.slice(1);
  }
}

// By now the dialog is open, or the answer was none.
document.addEventListener("htmx:afterRequest", ({ detail }) => detail.target?.id === "dialog" && stopHolding());
