// Cards that the server sends land in #board-arrivals; from there each goes to its place in its column, newest first.
// While a card is in the hand they wait.
export class Arrivals {
  constructor(board) {
    this.board = board;
    this.box = board.querySelector("[data-arrivals]");
    this.observer = new MutationObserver(() => this.settle());
    this.observer.observe(this.box, { childList: true });
  }

  stop() {
    this.observer.disconnect();
  }

  settle() {
    if (this.board.drag.isActive) return;
    for (const item of [...this.box.children]) {
      if (item.dataset.gone) this.takeOff(item);
      else this.place(item);
    }
  }

  takeOff(item) {
    const card = this.known(item.dataset.gone);
    const [hadFocus, beside] = [card?.contains(document.activeElement), this.beside(card)];
    card?.remove();
    item.remove();
    if (hadFocus) beside?.querySelector("a").focus({ preventScroll: true });
  }

  place(card) {
    const old = this.known(card.id);
    const list = this.board.querySelector(`.board__column[data-stage="${card.dataset.stage}"] > .board__cards`);
    const isAlone = document.activeElement === document.body && card.id === this.board.lastMoved;
    const hadFocus = isAlone || old?.contains(document.activeElement);
    const beside = this.beside(old);
    const [box, wasChosen] = [this.board.selection.box(card), this.board.selection.box(old)?.checked];
    if (box && wasChosen) box.checked = true;
    if (old?.parentElement === list && old.dataset.at === card.dataset.at) old.replaceWith(card);
    else {
      old?.remove();
      if (!this.insert(card, list)) {
        if (hadFocus) beside?.querySelector("a").focus({ preventScroll: true });
        return;
      }
      card.classList.add("is-arriving");
    }
    this.board.dressCard(card);
    if (wasChosen) card.classList.add("is-selected");
    if (hadFocus) card.querySelector("a").focus({ preventScroll: true });
    // What others do moves nothing under one's eyes; what one has done oneself, or taken back, is shown.
    if (hadFocus && card.id === this.board.lastMoved) card.scrollIntoView({ inline: "nearest", block: "nearest" });
  }

  // Below the last card that is loaded it need not stand: it comes with the next page. A folded column shows none.
  insert(card, list) {
    const next = list?.querySelector(".board__next");
    const below = [...(list?.querySelectorAll(":scope > .lead-card") ?? [])].find(
      (other) => other !== card && Number(other.dataset.at) < Number(card.dataset.at),
    );
    if (!list || (next && !below)) {
      card.remove();
      return false;
    }
    list.insertBefore(card, below ?? list.querySelector(".board__empty"));
    return true;
  }

  // Where the cursor goes when a card leaves the columns that are open.
  beside(card) {
    return [card?.nextElementSibling, card?.previousElementSibling].find((other) => other?.matches(".lead-card"));
  }

  known(id) {
    return this.board.querySelector(`.board__cards > #${id}`);
  }
}
