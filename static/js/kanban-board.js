// <kanban-board>: cards are moved by mouse, touch, key or menu; each way ends in one plain form, filled and submitted.
//   data-moves, data-converts, data-reopens: what this person may do. <template data-part>: form, ask, slot, handle.
import { Arrivals } from "./board-arrivals.js";
import { CardDrag } from "./board-drag.js";
import { BoardFollower } from "./board-follower.js";
import { HandOrder } from "./board-hand.js";
import { followPages, walkCards } from "./board-keys.js";
import { MoveMenu } from "./board-menu.js";
import { reasonAgainst, ruleAgainst } from "./board-rules.js";
import { Selection } from "./board-selection.js";
import { toast } from "./toasts.js";

class KanbanBoard extends HTMLElement {
  connectedCallback() {
    this.pending = new Map();
    this.arrivals = new Arrivals(this);
    this.hand = new HandOrder(this);
    this.drag = new CardDrag(this);
    this.menu = new MoveMenu(this);
    // Of the lanes on a page the first one asks for all of them.
    if (document.querySelector("kanban-board") === this) this.follower = new BoardFollower(this);
    this.selection = new Selection(this);
    this.addEventListener("htmx:afterRequest", (event) => this.answered(event.detail));
    this.addEventListener("htmx:afterSwap", () => this.dress());
    followPages(this);
    this.onKey = (event) => walkCards(this, event);
    document.addEventListener("keydown", this.onKey);
    this.dress();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
    for (const part of [this.arrivals, this.menu, this.selection, this.follower]) part?.stop();
  }

  column(card) {
    return card.closest(".board__column");
  }

  columns() {
    return [...this.querySelectorAll(".board__column")];
  }

  allows(card, column) {
    return !ruleAgainst(this, card, column);
  }

  explain(card, column) {
    toast({ message: reasonAgainst(this, card, column), level: "warning" });
  }

  isMovable(card) {
    return this.columns().some((column) => this.allows(card, column));
  }

  move(card, column) {
    if (!this.allows(card, column)) return;
    this.lastMoved = card.id;
    if (column.dataset.kind === "LOST") this.send(card, "lost", this.part("ask"));
    else {
      const form = this.part("form");
      const from = this.column(card);
      form.elements.stage.value = column.dataset.stage;
      this.pending.set(form, { id: card.id, from });
      card.classList.add("is-moving");
      column.querySelector(".board__cards")?.prepend(card);
      this.send(card, from.dataset.kind === "LOST" ? "reopen" : "move", form);
    }
  }

  send(card, verb, form) {
    form.setAttribute(`hx-${form.method}`, `${card.querySelector("a").pathname}${verb}/`);
    this.append(form);
    globalThis.htmx.process(form);
    form.requestSubmit();
  }

  // Whatever was refused or failed goes back to where it was, unless the answer has put it in its place already.
  answered({ elt, xhr }) {
    if (elt.parentElement !== this) return;
    elt.remove();
    const sent = this.pending.get(elt);
    if (!sent) return;
    this.pending.delete(elt);
    const card = document.getElementById(sent.id);
    const isDone = xhr.status >= 200 && xhr.status < 400;
    if (!isDone && card?.classList.contains("is-moving")) {
      card.classList.remove("is-moving");
      this.arrivals.insert(card, sent.from.querySelector(".board__cards"));
      card.scrollIntoView({ inline: "nearest", block: "nearest" });
    }
    if (document.activeElement === document.body) card?.querySelector("a").focus();
  }

  dress() {
    for (const card of this.querySelectorAll(".board__column .lead-card:not(.is-dressed)")) this.dressCard(card);
  }

  dressCard(card) {
    card.classList.add("is-dressed");
    const age = card.querySelector(".lead-card__age");
    age.title ||= new Date(Number(age.dataset.since) * 1000).toLocaleString(document.documentElement.lang);
    if (!this.isMovable(card)) return;
    const handle = this.part("handle");
    handle.setAttribute("aria-label", handle.getAttribute("aria-label").replace("{name}", card.querySelector("a").textContent));
    card.append(handle);
  }

  say(words) {
    this.querySelector("[data-said]").textContent = words;
  }

  part(name) {
    return this.querySelector(`template[data-part=${name}]`).content.firstElementChild.cloneNode(true);
  }
}

customElements.define("kanban-board", KanbanBoard);
