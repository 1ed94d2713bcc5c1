// <template-places>: an approved template and the fields of its places. What is typed into a field stands at once in
// the text, at [data-place] with the field's name; left empty, the place shows its number. Typing chooses the template.
class TemplatePlaces extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", ({ target }) => this.typed(target));
  }

  typed(field) {
    for (const place of this.querySelectorAll("[data-place]")) {
      if (place.dataset.place === field.name) place.textContent = field.value || place.dataset.empty;
    }
    if (field.type === "text") this.querySelector('input[type="radio"]').checked = true;
  }
}

customElements.define("template-places", TemplatePlaces);
