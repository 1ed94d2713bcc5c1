// Toasts: <toast-note> hides after eight seconds unless pointed at or focused. The server sends one in the page or as
// HX-Trigger {"toast": [{"message": "…", "undo": "/address/", "link": {"label", "url"}}]}; undo is a POST to its address.
const LIFE = 8000;

class ToastNote extends HTMLElement {
  connectedCallback() {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const frames = still ? { opacity: [0, 0] } : { inlineSize: ["100%", "0"] };
    if (this.dataset.level !== "error" && !this.classList.contains("toast--static")) {
      this.life = this.animate(frames, { duration: LIFE, pseudoElement: "::after" });
      this.life.addEventListener("finish", () => this.leave());
    }
    this.addEventListener("pointerenter", () => this.life?.pause());
    this.addEventListener("pointerleave", () => this.goOn());
    this.addEventListener("focusin", (event) => this.held(event.relatedTarget));
    this.addEventListener("focusout", () => this.goOn());
    this.addEventListener("click", (event) => event.target.closest("[data-toast-close]") && this.leave());
    this.addEventListener("htmx:afterRequest", (event) => this.undone(event.detail.xhr));
  }

  goOn() {
    if (!this.matches(":hover, :focus-within")) this.life?.play();
  }

  held(from) {
    this.life?.pause();
    if (!this.contains(from)) this.cameFrom = from;
  }

  // The cursor goes back to where it came from.
  leave() {
    const hadFocus = this.contains(document.activeElement);
    this.remove();
    if (hadFocus && this.cameFrom?.isConnected) this.cameFrom.focus({ preventScroll: true });
  }

  // The answer says what to draw again; if it does not, the page is read again.
  undone(xhr) {
    if (xhr.status >= 400) return;
    this.leave();
    const told = ["HX-Trigger", "HX-Refresh", "HX-Redirect"].some((header) => xhr.getResponseHeader(header));
    if (!told) location.reload();
  }
}

customElements.define("toast-note", ToastNote);

export function toast({ message, level = "info", undo = "", link }) {
  const region = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!message || !region || !template) return;
  const note = template.content.cloneNode(true).querySelector("toast-note");
  const form = note.querySelector("form");
  note.dataset.level = level;
  note.querySelector(".toast__text").textContent = message;
  if (level === "error") note.setAttribute("role", "alert");
  const address = typeof undo === "string" ? undo : undo?.url;
  const anchor = note.querySelector("a");
  if (link) [anchor.href, anchor.textContent, anchor.hidden] = [link.url, link.label, false];
  if (!address) form.remove();
  else undoBy(form, address);
  for (const older of region.querySelectorAll("[data-key]")) forgetKey(older); // Z takes back what was told last
  region.append(note);
  if (address) globalThis.htmx?.process(form);
}

function forgetKey(button) {
  button.removeAttribute("data-key");
  button.querySelector(".kbd")?.remove();
}

function undoBy(form, address) {
  form.action = address;
  form.setAttribute("hx-post", address);
  form.setAttribute("hx-swap", "none");
}

// htmx wraps a list that came in a header into { value: [...] }.
document.addEventListener("toast", (event) => {
  for (const note of event.detail.value ?? [event.detail]) toast(note);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    document.querySelector("#toasts > toast-note:last-of-type")?.leave();
  }
});
