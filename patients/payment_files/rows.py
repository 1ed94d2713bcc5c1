"""From a row of a file to a payment, or the reason why not, in words for whoever looks at the trial."""

import hashlib
from collections import Counter

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.normalising import email_norm, name_key, phone_e164
from clinics.tables.values import day_first_by_evidence, read_cents, read_moment
from patients.models import Patient, Payment, PaymentKind, PaymentMethod
from patients.payment_files.columns import plain

REFUND = {"refund", "reembolso", "devolucion", "credit", "reversal", "chargeback", "return"}
METHODS = {
    PaymentMethod.CARD: "card credit card debit tarjeta visa mastercard amex",
    PaymentMethod.CASH: "cash efectivo",
    PaymentMethod.CHECK: "check cheque",
    PaymentMethod.TRANSFER: "transfer wire ach bank transferencia",
    PaymentMethod.INSURANCE: "insurance seguro aseguradora",
    PaymentMethod.FINANCING: "financing loan carecredit financiamiento",
}


class RowRefused(Exception):
    """Raised for a row that cannot be taken; its text says why."""


class RowReader:
    """Reads the rows of one file: knows its columns, how it writes days, and which rows it has seen."""

    def __init__(self, clinic, mapping, days):
        self.clinic, self.places = clinic, {target: place for place, target in enumerate(mapping) if target}
        self.day_first, self.seen = day_first_by_evidence(days), Counter()
        if self.day_first is None:
            self.day_first = clinic.phone_region not in ("US", "PH", "PR")

    def read(self, cells):
        """The unsaved Payment of a row. Raises RowRefused."""
        said = {target: cells[place].strip() if place < len(cells) else "" for target, place in self.places.items()}
        cents, paid_on = self._amount(said["amount"]), self._day(said["paid_on"])
        patient = self._patient(said)
        is_refund = cents < 0 or bool(REFUND & set(plain(said.get("kind", "")).split()))
        payment = Payment(
            patient=patient,
            kind=PaymentKind.REFUND if is_refund else PaymentKind.PAYMENT,
            amount_cents=abs(cents),
            method=self._method(said.get("method", "")),
            paid_on=paid_on,
            note=said.get("note", "")[:255],
        )
        payment.external_id = said.get("external_id", "")[:120] or self._made_id(payment)
        return payment

    def _amount(self, text):
        cents = read_cents(text)
        if not cents:
            raise RowRefused(_("“%(text)s” is no amount of money.") % {"text": text[:40]})
        return cents

    def _day(self, text):
        moment = read_moment(text, day_first=self.day_first, zone=self.clinic.zone)
        if moment is None:
            raise RowRefused(_("“%(text)s” is no day.") % {"text": text[:40]})
        day = moment.date()
        if day > timezone.localdate():
            raise RowRefused(_("This day is still to come."))
        return day

    def _method(self, text):
        words = set(plain(text).split())
        found = next((method for method, known in METHODS.items() if words & set(known.split())), None)
        return found or (PaymentMethod.OTHER if words else PaymentMethod.CARD)

    def _patient(self, said):
        """The one patient whom the row names: by id, then number, then e-mail, then name."""
        asked = [name for name in ("patient_id", "phone", "email", "name") if said.get(name)]
        if not asked:
            raise RowRefused(_("Nothing says whose payment it is."))
        present = Patient.objects.present()
        for name in asked:
            found = list(self._by(present, name, said[name])[:3])
            if len(found) > 1 and said.get("name") and name != "name":
                found = [each for each in found if each.name_key == name_key(said["name"], "")]
            if len(found) == 1:
                return found[0]
            if len(found) > 1:
                raise RowRefused(_("Several patients fit: %(text)s.") % {"text": said[name][:80]})
        raise RowRefused(_("No patient fits: %(text)s.") % {"text": ", ".join(said[name] for name in asked)[:120]})

    def _by(self, present, name, text):
        if name == "patient_id":
            return present.filter(external_id=text)
        if name == "phone":
            number = phone_e164(text, region=self.clinic.phone_region)
            return present.reached_by(numbers=[number] if number else [], email="") if number else present.none()
        if name == "email":
            return present.filter(email_norm=email_norm(text))
        return present.filter(name_key=name_key(" ".join(reversed(text.split(",", 1))) if "," in text else text, ""))

    def _made_id(self, payment):
        """An id by what the row says and how many before it said the same, so that the file again is known."""
        facts = (payment.patient.pk, payment.kind, payment.amount_cents, payment.paid_on, payment.note)
        self.seen[facts] += 1
        said = "|".join(map(str, (*facts, self.seen[facts])))
        return f"file:{hashlib.sha256(said.encode()).hexdigest()[:40]}"
