// Keys of the row at hand: inside the [data-row] that holds the cursor, data-row-key="d" is pressed by D. When the row is
// gone after that, the cursor goes to the one that took its place.
import { isOn, isTyping } from "./shortcuts.js";

let left = null;

function rows() {
  return [...document.querySelectorAll("#main [data-row]")];
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length > 1 || !isOn() || isTyping(event.target)) return;
  const row = event.target.closest?.("#main [data-row]");
  const pressed = row?.querySelector(`[data-row-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!pressed || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  event.stopPropagation();
  left = { place: rows().indexOf(row), link: row.querySelector(".lead-list__link")?.id };
  pressed.click();
}, true);

document.addEventListener("htmx:afterSettle", () => {
  if (!left || document.querySelector("dialog[open]")) return;
  if (document.activeElement && document.activeElement !== document.body) return;
  const here = document.getElementById(left.link)?.closest("[data-row]");
  const next = here ?? rows()[Math.min(left.place, rows().length - 1)];
  next?.querySelector(".lead-list__link")?.focus();
  left = null;
});
