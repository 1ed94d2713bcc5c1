"""What a file of payments said of a patient who is erased: the file itself, its samples, and why a row was refused."""

from django.utils.translation import gettext as _

from patients.models import PaymentImport
from patients.originals import remove_original

TELLING = 5  # letters: a shorter id stands in what is said of anybody


def forget_files(patient):
    """Remove the files that brought payments of a patient, and empty what was kept of their columns; returns how many.

    A file is needed no more once it is imported: its payments are written down. It cannot be imported again.
    """
    words = {patient.display_name, patient.email, patient.phone, patient.phone_alt, patient.external_id or ""}
    words = {word.casefold() for word in words if len(word) >= TELLING}
    files = PaymentImport.objects.select_for_update(of=("self",)).filter(payments__patient=patient).order_by("pk")
    files = {file.pk: file for file in files}.values()
    for file in files:
        file.problems = [
            [line, _("It named somebody who was erased.") if any(word in why.casefold() for word in words) else why]
            for line, why in file.problems
        ]
        remove_original(file)
    return len(files)
