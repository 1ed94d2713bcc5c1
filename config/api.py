"""The one API of the house: every room that programs may enter, on one page."""

from clinics.api_document import HouseAPI
from crm.api import activities, analytics, converting, kpi_events, leads, moving, sources, stages, tasks
from crm.api import errors as lead_errors
from inbox.api import conversations
from inbox.api import errors as inbox_errors
from patients.api import appointments, patients, payments, visits
from patients.api import errors as patient_errors

api = HouseAPI(
    title="Recare",
    version="1",
    urls_namespace="api",
    description=(
        "Leads, their activities and tasks, the sources they come from, the stages they pass, and the figures; "
        "patients, their appointments, visits and payments; and what is said between them and the clinic."
    ),
    fields_of_rules=lead_errors.FIELDS_OF_RULES | patient_errors.FIELDS_OF_RULES | inbox_errors.FIELDS_OF_RULES,
    fields_of_constraints=lead_errors.FIELDS_OF_CONSTRAINTS | patient_errors.FIELDS_OF_CONSTRAINTS,
)
ROOMS_OF_LEADS = (leads, moving, converting, activities, tasks, sources, stages, analytics, kpi_events)
for room in (*ROOMS_OF_LEADS, patients, appointments, visits, payments, conversations):
    api.add_router("", room.router)
