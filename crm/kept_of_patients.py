"""What the leads that a patient was tell of them, for the file that is handed to the patient.

A lead of whom a family came is told to whoever pays alone: it speaks of all of them.
"""

from crm.dossier import dossier_rows, facts_of_lead
from crm.models import ConvertedPatient


def tell_leads(patient):
    """All that is kept of the leads that became a patient, but for what was said with them."""
    return {"leads": [facts_of_lead(lead) for lead in _leads(patient)]}


def lines_of_leads(patient):
    for lead in _leads(patient):
        for kind, moment, what, value in dossier_rows(lead, {}):
            yield [kind, moment, what, "", "", value]


def _leads(patient):
    return [came.conversion.lead for came in ConvertedPatient.objects.who_asked(patient)]
