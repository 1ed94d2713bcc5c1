// Choosing cards for the bulk bar: X, Shift with the arrows, Ctrl or Shift and a click, a long press by finger, the box.
// A and T for one card tick it and open what the bar offers; L asks for the call in a dialog.
const SPAN = { ArrowUp: -1, ArrowDown: 1 };

export class Selection {
  constructor(board) {
    this.board = board;
    board.addEventListener("click", (event) => this.clicked(event), true);
    board.addEventListener("keydown", (event) => this.typed(event));
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("click", (event) => this.pressed(event.target), { signal });
    document.body.addEventListener("leads-changed", () => this.done(), { signal });
  }

  stop() {
    this.listening.abort();
  }

  box(card) {
    return card?.querySelector(".lead-card__select > input");
  }

  get isPossible() {
    return "moves" in this.board.dataset;
  }

  tick(card, isOn = !this.box(card)?.checked) {
    const box = this.box(card);
    if (!box || !this.isPossible) return;
    box.checked = isOn;
    this.last = card;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  clicked(event) {
    const card = event.target.closest(".lead-card");
    if (!card || !this.isPossible || event.target.closest("button, label, input")) return;
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey && this.last?.isConnected) this.span(this.last, card);
    else this.tick(card);
  }

  span(from, to) {
    const cards = [...this.board.querySelectorAll(".lead-card")].filter((card) => this.box(card));
    const [start, end] = [cards.indexOf(from), cards.indexOf(to)].sort((a, b) => a - b);
    for (const card of cards.slice(Math.max(start, 0), end + 1)) this.tick(card, true);
    this.last = to;
  }

  typed(event) {
    const card = event.target.closest(".lead-card");
    const step = event.shiftKey && !event.altKey && SPAN[event.key];
    if (!step || !card) return;
    event.preventDefault();
    const cards = [...card.parentElement.querySelectorAll(":scope > .lead-card")];
    const next = cards[cards.indexOf(card) + step];
    this.tick(card, true);
    if (!next) return;
    this.tick(next, true);
    next.querySelector("a").focus();
  }

  pressed(target) {
    const key = target.closest("[data-board-select]")?.dataset.boardSelect;
    const card = this.board.menu.cardAtHand();
    const verb = target.closest("[data-board-ask]")?.dataset.boardAsk;
    if (!verb && key === undefined) return;
    if (!card) return this.board.menu.firstCard();
    if (!this.board.contains(card)) return;
    if (verb) return this.board.send(card, verb, this.board.part("ask"));
    if (!key) return this.tick(card);
    this.tick(card, true);
    // Once this click is over, which closes every menu that it is not in.
    setTimeout(() => {
      const opener = document.querySelector(`bulk-bar [data-key="${key}"]`);
      opener?.focus();
      opener?.click();
    });
  }

  // The act is done: nothing is chosen any more, and the board asks what has become of it.
  done() {
    document.querySelector("bulk-bar")?.clear();
    this.board.follower?.ask();
  }
}
