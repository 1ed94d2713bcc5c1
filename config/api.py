"""The one API of the house: every room that programs may enter, on one page."""

from clinics.api_document import HouseAPI
from crm.api import activities, analytics, converting, leads, moving, sources, stages, tasks
from crm.api.errors import FIELDS_OF_CONSTRAINTS, FIELDS_OF_RULES

api = HouseAPI(
    title="Recare",
    version="1",
    urls_namespace="api",
    description="Leads, their activities and tasks, the sources they come from, the stages they pass, and the figures.",
    fields_of_rules=FIELDS_OF_RULES,
    fields_of_constraints=FIELDS_OF_CONSTRAINTS,
)
for room in (leads, moving, converting, activities, tasks, sources, stages, analytics):
    api.add_router("", room.router)
