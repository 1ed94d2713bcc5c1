// What the pipeline allows, known before anything is sent: the rule that keeps a card out of a column, "" for none.
export function ruleAgainst(board, card, column) {
  const [from, to, may] = [board.column(card).dataset, column.dataset, board.dataset];
  if (!("moves" in may) || board.column(card) === column || from.kind === "WON") return "stays";
  if (from.kind === "LOST") return "reopens" in may && to.kind === "OPEN" ? "" : "lost";
  if (to.kind === "LOST") return "";
  if (to.kind === "WON" && !("converts" in may)) return "convert";
  return Number(to.order) >= Number(from.order) ? "" : "backward";
}

// In words, as the server would say it.
export function reasonAgainst(board, card, column) {
  return board.querySelector("[data-rules]").dataset[ruleAgainst(board, card, column)];
}
