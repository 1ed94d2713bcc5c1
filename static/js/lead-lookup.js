// <lead-lookup>: says "look-up" when a field that people are known by was typed in; htmx asks who may be here already.
// While typing, Tab goes on to the next field: the suggestions are reached by the arrows, down from a field and back up.
class LeadLookup extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", (event) => {
      if (event.target.matches("[data-looks-up]")) this.dispatchEvent(new CustomEvent("look-up"));
    });
    this.addEventListener("keydown", (event) => this.walk(event));
    this.addEventListener("htmx:afterSettle", () => this.stepAside());
    this.stepAside();
  }

  get actions() {
    return [...this.querySelectorAll(".suggestions__actions :is(a, button)")];
  }

  // Once the form was sent and has to ask, the answers stand in its way on purpose.
  stepAside() {
    if (this.querySelector(".suggestions--asks")) return;
    for (const action of this.actions) action.tabIndex = -1;
  }

  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isField = event.target.matches("input[data-looks-up]");
    const here = this.actions.indexOf(event.target);
    if (!step || (!isField && here < 0) || (isField && step < 0)) return;
    if (isField) this.from = event.target;
    const next = isField ? this.actions[0] : here + step < 0 ? this.from : this.actions[here + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

customElements.define("lead-lookup", LeadLookup);
