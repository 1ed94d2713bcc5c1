// "Move to …": the stages that a card may go to, by M, by the dots on the card, and then by a digit.
import { closeDialog, openDialog } from "./dialogs.js";

export class MoveMenu {
  constructor(board) {
    this.board = board;
    this.dialog = document.querySelector("[data-board-moves]");
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("click", (event) => this.pressed(event), { signal });
    this.dialog.addEventListener("keydown", (event) => this.typed(event), { signal });
  }

  stop() {
    this.listening.abort();
  }

  // Several boards on one page, a lane each, share the dialog: the one whose card it speaks of answers.
  get isMine() {
    return Boolean(this.card && this.board.querySelector(`#${this.card}`));
  }

  pressed(event) {
    const way = event.target.closest("[data-board-moves] [data-stage]");
    const handle = event.target.closest(".lead-card__menu");
    if (handle && this.board.contains(handle)) this.open(handle.closest(".lead-card"));
    else if (event.target.closest("[data-board-menu]")) this.openAtHand();
    else if (way && this.isMine) this.choose(way);
  }

  typed(event) {
    if (!this.isMine) return;
    const ways = this.ways().filter((way) => !way.hidden);
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const way = step ? ways.at((ways.indexOf(document.activeElement) + step) % ways.length) : ways.find((one) => one.dataset.digit === event.key);
    if (!way) return;
    event.preventDefault();
    if (step) way.focus();
    else this.choose(way);
  }

  ways() {
    return [...this.dialog.querySelectorAll("[data-stage]")];
  }

  // Of all boards on the page: the lanes share the keys, and the one that holds the card answers.
  cardAtHand() {
    const held = (state) => document.querySelector(`kanban-board .lead-card:${state}`);
    return held("focus-within") ?? held("hover");
  }

  // A key without a card at hand leads to the first one, where it can be pressed again.
  firstCard() {
    if (document.querySelector("kanban-board") === this.board) document.querySelector(".lead-card__link")?.focus();
  }

  openAtHand() {
    const card = this.cardAtHand();
    if (!card) this.firstCard();
    else if (this.board.contains(card)) this.open(card);
  }

  open(card) {
    const title = this.dialog.querySelector("[data-title]");
    title.textContent = title.dataset.title.replace("{name}", card.querySelector("a").textContent);
    const ways = this.ways();
    for (const way of ways) way.hidden = !this.board.allows(card, this.goal(way));
    this.dialog.querySelector("[data-nowhere]").hidden = ways.some((way) => !way.hidden);
    this.card = card.id;
    openDialog(this.dialog, card.querySelector("a"));
    ways.find((way) => !way.hidden)?.focus();
  }

  choose(way) {
    closeDialog(this.dialog);
    const card = document.getElementById(this.card);
    if (card) this.board.move(card, this.goal(way));
  }

  goal(way) {
    return this.board.querySelector(`.board__column[data-stage="${way.dataset.stage}"]`);
  }
}
