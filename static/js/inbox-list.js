// <inbox-list>: the conversations of a shelf. J and K, or the arrows, walk them, Enter opens; the open one is marked at
// once, and stays marked and in view when the list is drawn anew. Its hidden buttons name the keys in the "?" help.
class InboxList extends HTMLElement {
  connectedCallback() {
    this.onPath = () => this.mark();
    addEventListener("popstate", this.onPath);
    this.addEventListener("click", (event) => this.chosen(event.target));
    this.addEventListener("keydown", (event) => this.walk(event));
    this.addEventListener("htmx:beforeSwap", () => this.remember());
    this.addEventListener("htmx:afterSettle", () => this.restore());
    this.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  disconnectedCallback() {
    removeEventListener("popstate", this.onPath);
  }

  get rows() {
    return [...this.querySelectorAll("a[data-row]")];
  }

  get here() {
    const rows = this.rows;
    const focused = rows.indexOf(document.activeElement);
    return focused >= 0 ? focused : rows.findIndex((row) => row.hasAttribute("aria-current"));
  }

  chosen(target) {
    const row = target.closest("a[data-row]");
    const step = target.closest("[data-step]")?.dataset.step;
    if (row) this.point(row.dataset.row);
    else if (step) this.go(Number(step));
  }

  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.go(step);
  }

  go(step) {
    const rows = this.rows;
    rows[Math.min(Math.max(this.here + step, 0), rows.length - 1)]?.focus();
  }

  mark() {
    this.point(location.pathname.split("/")[2] ?? "");
  }

  point(pk) {
    for (const row of this.rows) {
      if (row.dataset.row === pk) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      if (row.dataset.row === pk) row.classList.remove("is-unread");
    }
  }

  remember() {
    this.focused = this.contains(document.activeElement) ? document.activeElement.dataset.row : null;
  }

  restore() {
    this.mark();
    if (this.focused) this.querySelector(`[data-row="${this.focused}"]`)?.focus();
    this.focused = null;
  }
}

customElements.define("inbox-list", InboxList);
