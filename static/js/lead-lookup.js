// <lead-lookup>: says "look-up" when a field that people are known by was typed in; htmx asks who may be here already.
class LeadLookup extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", (event) => {
      if (event.target.matches("[data-looks-up]")) this.dispatchEvent(new CustomEvent("look-up"));
    });
  }
}

customElements.define("lead-lookup", LeadLookup);
