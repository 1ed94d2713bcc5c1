// <details class="menu">: one open at a time; Esc and a press outside close it; arrows, Home and End walk the items.
const ITEMS = ":is(a, button, input):not([disabled])";

function open() {
  return [...document.querySelectorAll("details.menu[open]")];
}

function close(menu, returnFocus = false) {
  menu.open = false;
  if (returnFocus) menu.querySelector("summary").focus();
}

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("details.menu") || !menu.open) return;
  for (const other of open()) if (other !== menu && !other.contains(menu)) close(other);
  keepInside(menu.querySelector(".menu__list"));
}, true);

// A list that would leave the window opens to the other side.
function keepInside(list) {
  if (!list) return;
  list.classList.remove("menu__list--up");
  const box = list.getBoundingClientRect();
  if (box.right > innerWidth) list.classList.remove("menu__list--start");
  if (box.left < 0) list.classList.add("menu__list--start");
  if (box.bottom > innerHeight && box.height < box.top) list.classList.add("menu__list--up");
}

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    const chosen = event.target.closest(".menu__item:not([aria-pressed])");
    if (!menu.contains(event.target) || (chosen && menu.contains(chosen) && !chosen.form)) close(menu);
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (event.key === "Escape") return open().forEach((one) => close(one, one === menu));
  if (event.key === "Enter" && event.target.matches?.(".menu input:is([type=datetime-local], [data-enter-beside])")) return pressBeside(event);
  if (event.target.matches?.(".menu :is(input[type=datetime-local], select)")) return;
  if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  if (event.target.matches("input[type=text], input[type=search]") && event.key !== "ArrowDown") return;
  const items = [...menu.querySelectorAll(`.menu__list ${ITEMS}`)].filter((item) => item.offsetParent);
  const here = items.indexOf(document.activeElement);
  const next = { ArrowDown: here + 1, ArrowUp: here < 0 ? -1 : here - 1, Home: 0, End: -1 }[event.key];
  event.preventDefault();
  items.at(next % items.length)?.focus();
});

// Enter in a moment or a title of one's own presses the button beside it, not the first one of the form; arrows change
// the moment, and what a list to choose from shows.
function pressBeside(event) {
  event.preventDefault();
  event.target.parentElement.querySelector("button").click();
}
