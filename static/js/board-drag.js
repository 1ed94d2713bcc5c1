// A card in the hand: by mouse after a few pixels, by touch after a long press, so that a finger still scrolls; a long
// press that goes nowhere ticks the card. The board says where it may go, takes it there or says why not; Esc puts it back.
const SLOP = { mouse: 5, touch: 8 };
const LONG_PRESS = 250;
const [EDGE, SPEED] = [56, 12];

export class CardDrag {
  constructor(board) {
    this.board = board;
    board.addEventListener("pointerdown", (event) => this.press(event));
    board.addEventListener("dragstart", (event) => event.preventDefault());
    board.addEventListener("touchmove", (event) => this.isActive && event.preventDefault(), { passive: false });
    board.addEventListener("contextmenu", (event) => this.kind === "touch" && this.card && event.preventDefault());
    board.addEventListener("click", (event) => this.isDropped && (event.preventDefault(), event.stopPropagation()), true);
  }

  get isActive() {
    return Boolean(this.ghost);
  }

  press(event) {
    const card = event.target.closest(".lead-card");
    if (this.card || !card || event.button !== 0 || !event.isPrimary || event.target.closest("button, label, input")) return;
    if (!this.board.isMovable(card) && !this.board.hand.takes(card, this.board.column(card))) return;
    this.card = card;
    this.kind = event.pointerType === "touch" ? "touch" : "mouse";
    this.start = this.at = { x: event.clientX, y: event.clientY };
    this.listening = new AbortController();
    const { signal } = this.listening;
    addEventListener("pointermove", (moved) => this.follow(moved), { signal });
    addEventListener("pointerup", () => this.drop(), { signal });
    addEventListener("pointercancel", () => this.finish(), { signal });
    addEventListener("keydown", (key) => key.key === "Escape" && this.isActive && (key.stopPropagation(), this.finish()), { signal, capture: true });
    if (this.kind === "touch") this.timer = setTimeout(() => this.lift(), LONG_PRESS);
  }

  follow(event) {
    this.at = { x: event.clientX, y: event.clientY };
    if (this.isActive) return this.show();
    if (this.distance() < SLOP[this.kind]) return;
    if (this.kind === "touch") this.finish();
    else this.lift();
  }

  distance = () => Math.hypot(this.at.x - this.start.x, this.at.y - this.start.y);

  lift() {
    const box = this.card.getBoundingClientRect();
    this.grip = { x: this.start.x - box.left, y: this.start.y - box.top };
    this.ghost = this.card.cloneNode(true);
    this.ghost.removeAttribute("id");
    this.ghost.setAttribute("aria-hidden", "true");
    this.ghost.classList.add("is-dragging");
    this.ghost.style.setProperty("--drag-width", `${box.width}px`);
    this.slot = this.board.part("slot");
    this.board.append(this.ghost);
    this.board.classList.add("has-card-in-hand");
    this.card.classList.add("is-ghost");
    for (const column of this.board.columns()) {
      const isRefused = column !== this.board.column(this.card) && !this.board.allows(this.card, column);
      column.classList.toggle("is-refused", isRefused);
    }
    navigator.vibrate?.(10);
    this.show();
    this.frame = requestAnimationFrame(() => this.scroll());
  }

  show() {
    this.ghost.style.setProperty("--drag-x", `${this.at.x - this.grip.x}px`);
    this.ghost.style.setProperty("--drag-y", `${this.at.y - this.grip.y}px`);
    const under = document.elementFromPoint(this.at.x, this.at.y)?.closest(".board__column");
    const isPlacing = under && this.board.hand.takes(this.card, under);
    const target = under && (isPlacing || this.board.allows(this.card, under)) ? under : null;
    this.refused = target ? null : under;
    if (isPlacing) this.board.hand.show(this.slot, target.querySelector(".board__cards"), this.card, this.at.y);
    if (target === this.target) return;
    this.target?.classList.remove("is-target");
    if (!isPlacing) this.slot.remove();
    this.target = target;
    target?.classList.add("is-target");
    if (!isPlacing) target?.querySelector(".board__cards")?.prepend(this.slot);
  }

  scroll() {
    if (!this.isActive) return;
    const step = (position, start, end) => (position < start + EDGE ? -SPEED : position > end - EDGE ? SPEED : 0);
    const frame = this.board.getBoundingClientRect();
    const list = document.elementFromPoint(this.at.x, this.at.y)?.closest(".board__cards");
    this.board.scrollLeft += step(this.at.x, frame.left, frame.right);
    if (list) list.scrollTop += step(this.at.y, list.getBoundingClientRect().top, frame.bottom);
    this.show();
    this.frame = requestAnimationFrame(() => this.scroll());
  }

  drop() {
    const { card, target, slot, refused } = this;
    const isPlaced = target && target === this.board.column(card);
    const isHeld = this.isActive && this.kind === "touch" && this.distance() < SLOP.touch;
    if (isHeld) this.board.selection.tick(card);
    this.isDropped = this.isActive;
    setTimeout(() => (this.isDropped = false), 50);
    if (isPlaced && !isHeld) this.board.hand.dropped(card, slot);
    this.finish();
    if (target && !isPlaced) this.board.move(card, target);
    else if (refused && this.isDropped && !isHeld) this.board.explain(card, refused);
  }

  finish() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.listening?.abort();
    this.ghost?.remove();
    this.slot?.remove();
    this.card?.classList.remove("is-ghost");
    this.board.classList.remove("has-card-in-hand");
    for (const column of this.board.columns()) column.classList.remove("is-refused", "is-target");
    this.card = this.ghost = this.target = this.refused = this.slot = null;
    this.board.arrivals.settle();
  }
}
