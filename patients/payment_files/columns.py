"""What the columns of a file of payments are, by the words in their headings."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

TARGETS = {
    "": _("not used"),
    "patient_id": _("patient’s id in the EMR"),
    "phone": _("patient’s phone"),
    "email": _("patient’s e-mail"),
    "name": _("patient’s name"),
    "amount": _("amount"),
    "paid_on": _("paid on"),
    "kind": _("payment or refund"),
    "method": _("method"),
    "external_id": _("receipt number"),
    "note": _("note"),
}
FINDS_PATIENT = {"patient_id", "phone", "email", "name"}
# The first that fits wins; a heading is compared without case, accents and marks.
WORDS = (
    ("external_id", r"(receipt|transaction|payment|invoice|recibo|transaccion|factura|pago).*(id|no|number|numero|#)"),
    ("external_id", r"receipt|transaction|recibo|folio|reference|referencia"),
    ("patient_id", r"(patient|chart|mrn|account|client|paciente|expediente).*(id|no|number|numero|#)|mrn|chart"),
    ("phone", r"phone|mobile|cell|telefono|celular"),
    ("email", r"mail|correo"),
    ("paid_on", r"date|day|fecha|paid on|posted"),
    ("amount", r"amount|total|paid|monto|importe|cantidad|sum"),
    ("kind", r"kind|type|tipo|refund|reembolso"),
    ("method", r"method|tender|forma|metodo|how"),
    ("note", r"note|memo|comment|description|nota|descripcion|concepto"),
    ("name", r"patient|name|client|paciente|nombre"),
)


def plain(text):
    folded = unicodedata.normalize("NFKD", str(text).casefold())
    return re.sub(r"[^a-z0-9#]+", " ", "".join(each for each in folded if not unicodedata.combining(each))).strip()


def guess_columns(headers):
    """What each column most likely is, in order; each target once."""
    taken, guessed = set(), []
    for header in headers:
        text = plain(header)
        target = next((name for name, words in WORDS if name not in taken and re.search(words, text)), "")
        taken.add(target)
        guessed.append(target)
    return guessed


def what_is_missing(mapping):
    """In words what a mapping still needs before it can be tried out; "" if it is enough."""
    used = [target for target in mapping if target]
    if len(set(used)) < len(used):
        return _("Two columns cannot be the same.")
    if not FINDS_PATIENT & set(used):
        return _("Say which column tells whose payment it is.")
    if "amount" not in used or "paid_on" not in used:
        return _("Say which columns are the amount and the day.")
    return ""
