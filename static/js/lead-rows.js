// <lead-rows>: a table walked by keys. j and k or the arrows go from row to row, Enter opens, x ticks, Shift with an arrow
// ticks on the way. The buttons with data-step and data-tick inside are what the keys press.
class LeadRows extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.pressed(event));
    this.addEventListener("keydown", (event) => this.walked(event));
  }

  get links() {
    return [...this.querySelectorAll("[data-row] .lead-list__link")];
  }

  get here() {
    return this.links.findIndex((link) => link.closest("[data-row]").contains(document.activeElement));
  }

  pressed({ target }) {
    const step = target.closest("[data-step]");
    if (step) this.go(Number(step.dataset.step));
    if (target.closest("[data-tick]")) this.tick();
  }

  walked(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("[role=region] [role=region]")) return;
    event.preventDefault();
    if (event.shiftKey) this.tick(true);
    this.go(step);
    if (event.shiftKey) this.tick(true);
  }

  go(step) {
    const { links, here } = this;
    const next = here < 0 ? 0 : Math.min(links.length - 1, Math.max(0, here + step));
    links[next]?.focus();
    links[next]?.scrollIntoView({ block: "nearest" });
  }

  tick(wanted) {
    const box = this.links[Math.max(0, this.here)]?.closest("[data-row]").querySelector("input[type=checkbox][form]");
    if (!box || box.checked === wanted) return;
    box.checked = wanted ?? !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("lead-rows", LeadRows);
