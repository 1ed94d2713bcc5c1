// <button data-copy="text"> or data-copy-from="#id": to the clipboard, and a toast that says so.
import { toast } from "./toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
  const text = source ? source.value ?? source.textContent : button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text.trim());
    toast({ message: document.getElementById("toasts").dataset.copied });
  } catch {
    if (source?.select) source.select();
  }
});
