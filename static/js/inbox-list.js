// <inbox-list>: the conversations of a shelf. J and K, or the arrows, walk them, Enter opens, X ticks; the open one is
// marked at once. What is ticked, marked and has the cursor stays so when the list is drawn anew; after an act on many
// nothing is ticked any more. Its hidden buttons name the keys in the "?" help.
class InboxList extends HTMLElement {
  connectedCallback() {
    this.onPath = () => this.mark();
    this.onActed = () => this.untick();
    addEventListener("popstate", this.onPath);
    document.body.addEventListener("conversations-changed", this.onActed);
    this.addEventListener("click", (event) => this.chosen(event.target));
    this.addEventListener("keydown", (event) => this.walk(event));
    this.addEventListener("htmx:beforeSwap", () => this.remember());
    this.addEventListener("htmx:afterSwap", () => this.restore());
    this.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  disconnectedCallback() {
    removeEventListener("popstate", this.onPath);
    document.body.removeEventListener("conversations-changed", this.onActed);
  }

  get links() {
    return [...this.querySelectorAll("a.conversation-row")];
  }

  get boxes() {
    return [...this.querySelectorAll('input[name="conversation"]')];
  }

  get here() {
    const { links } = this;
    const focused = links.findIndex((link) => link.parentElement.contains(document.activeElement));
    return focused >= 0 ? focused : links.findIndex((link) => link.hasAttribute("aria-current"));
  }

  chosen(target) {
    const link = target.closest("a.conversation-row");
    const step = target.closest("[data-step]")?.dataset.step;
    if (link) this.point(this.idOf(link));
    else if (step) this.go(Number(step));
  }

  idOf(element) {
    return element.closest("[data-row]")?.dataset.row;
  }

  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.go(step);
  }

  go(step) {
    const { links } = this;
    links[Math.min(Math.max(this.here + step, 0), links.length - 1)]?.focus();
  }

  mark() {
    this.point(location.pathname.split("/")[2] ?? "");
  }

  point(pk) {
    for (const link of this.links) {
      const isOpen = this.idOf(link) === pk;
      if (isOpen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      if (isOpen) link.classList.remove("is-unread");
    }
  }

  untick() {
    document.querySelector("bulk-bar [data-clear]")?.click();
    this.links[Math.max(this.here, 0)]?.focus();
  }

  remember() {
    this.ticked = new Set(this.boxes.filter((box) => box.checked).map((box) => box.value));
    this.focused = this.contains(document.activeElement) ? this.idOf(document.activeElement) : null;
  }

  restore() {
    this.mark();
    for (const box of this.boxes) if (this.ticked?.has(box.value)) box.checked = true;
    if (this.focused) this.querySelector(`[data-row="${this.focused}"] > a`)?.focus();
    this.focused = null;
  }
}

customElements.define("inbox-list", InboxList);
