// Follows what others do: on live:board the form #board-changes asks what has changed, at most every half second.
// What this browser did itself has been answered already: the word of it that comes back is not asked after.
const PAUSE = 500;
const ECHO = 2000;

export class BoardFollower {
  constructor(board) {
    this.board = board;
    this.asked = this.waiting = 0;
    this.sending = new Set();
    this.own = [];
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.body.addEventListener("live:board", () => this.heard(), { signal });
    for (const word of ["live:open", "live:poll"]) document.body.addEventListener(word, () => this.ask(), { signal });
    document.body.addEventListener("htmx:beforeSend", (event) => this.sent(event.detail), { signal });
    document.addEventListener("htmx:afterRequest", (event) => this.answered(event.detail), { signal, capture: true });
  }

  stop() {
    this.listening.abort();
    clearTimeout(this.later);
  }

  sent({ requestConfig, xhr }) {
    if (requestConfig.verb === "post") this.sending.add(xhr);
  }

  // htmx says it twice when the form is gone by then: only the first time counts.
  answered({ xhr }) {
    if (!this.sending.delete(xhr)) return;
    const isOurs = xhr.getResponseHeader("HX-Trigger")?.includes("lead-moved");
    if (isOurs) this.own.push(Date.now());
    if (this.sending.size) return;
    const heard = this.waiting;
    this.waiting = 0;
    for (let count = 0; count < heard; count += 1) this.heard();
  }

  heard() {
    if (this.sending.size) {
      this.waiting += 1;
      return;
    }
    this.own = this.own.filter((moment) => Date.now() - moment < ECHO);
    if (this.own.length) this.own.shift();
    else this.ask();
  }

  ask() {
    const rest = this.asked + PAUSE - Date.now();
    clearTimeout(this.later);
    if (rest > 0) {
      this.later = setTimeout(() => this.ask(), rest);
      return;
    }
    this.asked = Date.now();
    document.getElementById("board-changes")?.dispatchEvent(new CustomEvent("live:changes"));
  }
}
