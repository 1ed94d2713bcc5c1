// <field-order>: its rows change places by the arrows on them, at once and with the focus kept; without a script the
// same buttons ask the server. The form around it hears "moved".
const MOVES = "button:is([name=move], [name=up], [name=down])";

class FieldOrder extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest(MOVES);
      if (!button) return;
      event.preventDefault();
      const row = button.closest("[data-field]");
      const isUp = button.name === "up" || button.value.endsWith(":up");
      const other = isUp ? row.previousElementSibling : row.nextElementSibling;
      if (!other) return;
      if (isUp) other.before(row);
      else other.after(row);
      const rest = [...row.querySelectorAll(MOVES)].filter((each) => getComputedStyle(each).visibility !== "hidden");
      (rest.includes(button) ? button : rest[0])?.focus();
      this.dispatchEvent(new Event("moved", { bubbles: true }));
    });
  }
}

customElements.define("field-order", FieldOrder);
