// <passkey-form>: asks the browser for a passkey, puts the answer into the form inside it, and sends that.
//   data-from="id"      a JSON script with creation_options or request_options
//   data-options="{…}"  the same as JSON in the attribute
//   data-now            ask at once, since a button was pressed to get here; the button inside asks again
//   data-failed="words" what to say when no passkey was made or used
// Without passkeys in the browser it stays hidden, where it began hidden.
import { toast } from "./toasts.js";

const BYTES = ["challenge", "id"];

function toBytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

// What travels as text and the browser wants as bytes: the challenge, and the ids of users and keys.
function opened(options, parent = "") {
  if (Array.isArray(options)) return options.map((each) => opened(each, parent));
  if (options === null || typeof options !== "object") return options;
  return Object.fromEntries(Object.entries(options).map(([name, value]) => {
    const isBytes = BYTES.includes(name) && typeof value === "string" && parent !== "rp";
    return [name, isBytes ? toBytes(value) : opened(value, name)];
  }));
}

function sealed(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const found = parts.filter((name) => response[name]).map((name) => [name, toText(response[name])]);
  return {
    type: credential.type,
    id: credential.id,
    rawId: toText(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { ...Object.fromEntries(found), transports: response.getTransports?.() ?? [] },
  };
}

class PasskeyForm extends HTMLElement {
  connectedCallback() {
    if (!window.PublicKeyCredential) return;
    this.hidden = false;
    this.addEventListener("submit", (event) => {
      if (event.target.credential.value) return;
      event.preventDefault();
      this.ask();
    });
    if ("now" in this.dataset) this.ask();
  }

  async ask() {
    const form = this.querySelector("form");
    const options = this.dataset.options || document.getElementById(this.dataset.from).textContent;
    try {
      form.credential.value = JSON.stringify(sealed(await this.passkey(JSON.parse(options))));
    } catch {
      return toast({ message: this.dataset.failed, level: "error" });
    }
    form.submit();
  }

  passkey({ creation_options: creation, request_options: request }) {
    if (request) return navigator.credentials.get({ publicKey: opened(request.publicKey) });
    const publicKey = opened(creation.publicKey);
    const alone = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
    publicKey.authenticatorSelection = { ...publicKey.authenticatorSelection, ...alone };
    return navigator.credentials.create({ publicKey });
  }
}

customElements.define("passkey-form", PasskeyForm);
