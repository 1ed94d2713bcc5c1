// <next-step>: a form in which an outcome is chosen offers what usually follows it. What somebody chose themselves
// stays; only what nobody touched is offered.
export function suggest(outcome) {
  const { next_step: step, when } = outcome.form.elements;
  if (!step || step.dataset.touched) return;
  step.value = outcome.dataset.step ?? "";
  if (when && outcome.dataset.when) when.value = outcome.dataset.when;
}

class NextStep extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", ({ target }) => target.name === "outcome" && suggest(target));
  }
}

customElements.define("next-step", NextStep);

document.addEventListener("change", ({ target }) => {
  if (target.name === "next_step") target.dataset.touched = "";
});
