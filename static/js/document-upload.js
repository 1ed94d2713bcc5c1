// <document-upload>: files chosen, photographed or dropped are sent at once, with a bar that shows how far they are.
class DocumentUpload extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    const files = form.querySelector("input[multiple]");
    this.addEventListener("change", (event) => event.target.type === "file" && event.target.files.length && form.requestSubmit());
    this.addEventListener("dragover", (event) => this.hover(event, true));
    this.addEventListener("dragleave", (event) => this.hover(event, false));
    this.addEventListener("drop", (event) => {
      this.hover(event, false);
      files.files = event.dataTransfer.files;
      if (files.files.length) form.requestSubmit();
    });
    this.addEventListener("htmx:xhr:progress", ({ detail }) => this.show(detail));
  }

  hover(event, isOver) {
    event.preventDefault();
    this.classList.toggle("is-over", isOver);
  }

  show({ loaded, total }) {
    const bar = this.querySelector("progress");
    bar.hidden = false;
    if (total) bar.value = Math.round((100 * loaded) / total);
  }
}

customElements.define("document-upload", DocumentUpload);
