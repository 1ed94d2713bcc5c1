// Arrows walk from card to card: up and down in a column, left and right to the card at the same height beside it.
const STEPS = { ArrowUp: -1, ArrowDown: 1 };
const SIDES = { ArrowLeft: -1, ArrowRight: 1 };

// What has arrows of its own. From anywhere else they lead to the first card.
const WALKED = "dialog, input, select, textarea, details[open], [role=tablist], [contenteditable]";

function stops(column) {
  return [...column.querySelectorAll(".lead-card__link, .board__more")];
}

function beside(board, link, side) {
  const columns = board.columns().filter((column) => stops(column).length);
  const column = columns[columns.indexOf(board.column(link)) + side];
  if (!column) return null;
  const height = (stop) => stop.getBoundingClientRect().top;
  const distance = (stop) => Math.abs(height(stop) - height(link));
  return stops(column).reduce((best, stop) => (distance(stop) < distance(best) ? stop : best));
}

// Past the end of a lane comes the next one.
function nextLane(board, step) {
  const lanes = [...document.querySelectorAll("kanban-board")];
  const links = [...(lanes[lanes.indexOf(board) + step]?.querySelectorAll(".lead-card__link") ?? [])];
  return links.at(step > 0 ? 0 : -1);
}

function next(board, link, key) {
  const here = stops(board.column(link));
  if (key === "Home") return here[0];
  if (key === "End") return here.at(-1);
  if (key in STEPS) return here[here.indexOf(link) + STEPS[key]] ?? nextLane(board, STEPS[key]);
  return beside(board, link, SIDES[key]);
}

export function walkCards(board, event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (!(event.key in STEPS || event.key in SIDES || event.key === "Home" || event.key === "End")) return;
  const link = event.target.closest?.(".lead-card__link, .board__more");
  if (link && !board.contains(link)) return;
  if (!link && event.target.closest?.(WALKED)) return;
  const goal = link ? next(board, link, event.key) : board.querySelector(".lead-card__link");
  if (link || goal) event.preventDefault();
  goal?.focus();
  goal?.closest(".board__column").scrollIntoView({ inline: "nearest", block: "nearest" });
}

// The cursor on "Show more" goes on to the first card of the next page, and a column that opens comes into sight.
export function followPages(board) {
  let above = null;
  board.addEventListener("htmx:beforeSwap", ({ target }) => {
    above = target.matches(".board__next") && target.contains(document.activeElement) ? target.previousElementSibling : null;
  });
  board.addEventListener("htmx:afterSwap", () => {
    above?.nextElementSibling?.querySelector("a")?.focus();
    above = null;
  });
  board.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target.matches?.(".board__column")) target.scrollIntoView({ inline: "nearest", block: "nearest" });
  });
}
