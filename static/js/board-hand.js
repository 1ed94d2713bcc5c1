// By hand: a card is put between two others of its own column, by dragging it there or by Alt with the arrows.
export class HandOrder {
  constructor(board) {
    this.board = board;
    board.addEventListener("keydown", (event) => this.typed(event));
  }

  takes(card, column) {
    const isOn = this.board.dataset.order === "hand" && "moves" in this.board.dataset;
    return isOn && column === this.board.column(card) && column.dataset.kind !== "WON";
  }

  // The slot goes before the first card whose middle is below the hand.
  show(slot, list, card, height) {
    const middle = (other) => other.getBoundingClientRect().top + other.offsetHeight / 2;
    const others = this.cards(list).filter((other) => other !== card);
    list.insertBefore(slot, others.find((other) => middle(other) > height) ?? others.at(-1)?.nextElementSibling ?? null);
  }

  dropped(card, slot) {
    const all = [...slot.parentElement.children].filter((one) => one !== card && one.matches(".lead-card, .board__slot"));
    this.put(card, all[all.indexOf(slot) - 1]);
  }

  typed(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const card = event.target.closest(".lead-card");
    if (!step || !event.altKey || !card || !this.takes(card, this.board.column(card))) return;
    event.preventDefault();
    const cards = this.cards(card.parentElement);
    const goal = cards.indexOf(card) + step;
    if (goal >= 0 && goal < cards.length) this.put(card, step < 0 ? cards[goal - 1] : cards[goal]);
  }

  // Right below another card, or on top of the column.
  put(card, above) {
    const form = this.board.part("place");
    form.elements.below.value = above?.id.replace("lead-card-", "") ?? "";
    const [list, hadFocus] = [card.parentElement, card.contains(document.activeElement)];
    if (above) above.after(card);
    else list.prepend(card);
    if (hadFocus) card.querySelector("a").focus();
    const words = this.board.dataset.placed.replace("{place}", this.cards(list).indexOf(card) + 1);
    this.board.say(words.replace("{name}", card.querySelector("a").textContent));
    this.board.pending.set(form, { id: card.id, from: this.board.column(card) });
    card.classList.add("is-moving");
    this.board.send(card, "place", form);
  }

  cards(list) {
    return [...list.querySelectorAll(":scope > .lead-card")];
  }
}
