// <reply-composer>: counts letters and the text messages that they make, puts in emoji, saved replies by / and colleagues
// by @, names the files that go with it, takes the cursor by R (answer) and N (note), and gives it back to the list by
// Esc. The form sends itself.
const GSM = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;
const DOUBLE = /[\^{}\\[~\]|€]/g;

function lengthOf(text) {
  const plain = GSM.test(text);
  const letters = plain ? text.length + (text.match(DOUBLE)?.length ?? 0) : text.length;
  const [alone, row] = plain ? [160, 153] : [70, 67];
  return { letters, most: alone, segments: letters <= alone ? 1 : Math.ceil(letters / row) };
}

class ReplyComposer extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.querySelector("textarea");
    this.addEventListener("input", (event) => event.target === this.text && this.typed());
    this.addEventListener("change", (event) => this.changed(event.target));
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("keydown", (event) => this.pressed(event));
    this.count();
  }

  get channel() {
    return new FormData(this.form).get("channel");
  }

  get offers() {
    return this.querySelector("[data-offers]:not([hidden])");
  }

  typed() {
    this.count();
    const before = this.text.value.slice(0, this.text.selectionStart);
    const asked = before.match(/(?:^|\s)([/@])([^\s/@]*)$/);
    this.offer(asked && (asked[1] === "/" || this.channel === "NOTE") ? asked : null);
  }

  count() {
    const shown = this.querySelector("[data-count]");
    if (!["SMS"].includes(this.channel) || !this.text.value) return void (shown.textContent = "");
    const { letters, most, segments } = lengthOf(this.text.value);
    const words = segments > 1 ? this.dataset.words : this.dataset.one;
    shown.textContent = words.replace("{letters}", letters).replace("{segments}", segments)
      .replace("{left}", most - letters).replace("{most}", most);
  }

  changed(field) {
    if (field.name === "channel") this.count();
    if (field.name === "files") {
      this.querySelector("[data-files]").textContent = [...field.files].map((file) => file.name).join(", ");
    }
  }

  offer(asked) {
    for (const list of this.querySelectorAll("[data-offers]")) {
      const wanted = asked && list.dataset.offers === asked[1] ? asked[2].toLowerCase() : null;
      const items = [...list.querySelectorAll("[data-find]")];
      for (const item of items) item.hidden = wanted === null || !item.dataset.find.includes(wanted);
      list.hidden = wanted === null || items.every((item) => item.hidden);
      this.choose(list, items.find((item) => !item.hidden));
    }
  }

  choose(list, item) {
    for (const each of list.querySelectorAll("[data-find]")) each.setAttribute("aria-selected", String(each === item));
    item?.scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    const list = this.offers;
    if (!list) return event.key === "Escape" && event.target === this.text && this.leave(event);
    const items = [...list.querySelectorAll("[data-find]:not([hidden])")];
    const here = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step && !["Enter", "Tab", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (step) this.choose(list, items.at((here + step) % items.length));
    else if (event.key === "Escape") this.offer(null);
    else this.take(items[here]);
  }

  leave(event) {
    event.stopPropagation();
    (document.querySelector("inbox-list a[aria-current]") ?? document.getElementById("main")).focus();
  }

  clicked(event) {
    const { insert, open, write } = event.target.closest("[data-insert], [data-open], [data-write]")?.dataset ?? {};
    const item = event.target.closest("[data-find]");
    if (item) this.take(item);
    else if (insert) this.put(insert);
    else if (open) this.put(this.text.value && !/\s$/.test(this.text.value) ? ` ${open}` : open);
    else if (write) this.write(write === "note");
  }

  write(isNote) {
    const way = this.querySelector(isNote ? "[data-note]" : 'input[name="channel"]');
    if (isNote || this.channel === "NOTE") way.click();
    this.text.focus();
  }

  take(item) {
    const start = this.text.value.slice(0, this.text.selectionStart).search(/[/@][^\s/@]*$/);
    if (start >= 0) this.text.setRangeText("", start, this.text.selectionStart);
    if (item.dataset.canned) this.form.elements.canned.value = item.dataset.canned;
    if (item.dataset.subject && !this.form.elements.subject.value) this.form.elements.subject.value = item.dataset.subject;
    this.put(item.dataset.text);
  }

  put(words) {
    this.text.setRangeText(words, this.text.selectionStart, this.text.selectionEnd, "end");
    this.text.focus();
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("reply-composer", ReplyComposer);
