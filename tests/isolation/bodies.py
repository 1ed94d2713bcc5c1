"""What a person would send to a page: enough that it does its work. Pages that are not named here are asked bare."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile

from clinics.models import Location, Role, Tag
from crm.models import (
    AdCampaign,
    Lead,
    LeadForm,
    LeadImport,
    LeadSource,
    LeadSubmission,
    PipelineStage,
    ReferringProvider,
    TaskTemplate,
)
from patients.models import EmrIssue, Provider
from tests.isolation import assignment_rows, day_rows, inbox_rows, number_rows, patient_list_rows
from tests.isolation.desk_bodies import POSTED_BY_THE_DESK
from tests.isolation.rows import MAKERS

# The fields in which a page takes the id of a row, whatever form it belongs to: name -> model.
ID_FIELDS = {
    "activity": "LeadActivity",
    "ad_campaign": "AdCampaign",
    "after": "Lead",
    "actor": "ClinicUser",
    "assigned_to": "ClinicUser",
    "auto_task_template": "TaskTemplate",
    "below": "Lead",
    "by": "ClinicUser",
    "connection": "EmrConnection",
    "coordinator": "ClinicUser",
    "deputy": "ClinicUser",
    "from_stage": "PipelineStage",
    "household": "Household",
    "ids": "Lead",
    "ids[]": "Lead",
    "import": "LeadImport",
    "issue": "EmrIssue",
    "job": "BackgroundJob",
    "lead": "Lead",
    "lead__clinic": "Clinic",
    "lead_import": "LeadImport",
    "leads": "Lead",
    "location": "Location",
    "member": "ClinicUser",
    "object_id": "Lead",
    "older": "LeadActivity",
    "owner": "ClinicUser",
    "pk": "Lead",
    "referrer_id": "Patient",
    "referring_patient": "Patient",
    "referring_provider": "ReferringProvider",
    "resource_id": "Lead",
    "seen": "Lead",
    "service": "WebhookConnection",
    "shown": "ConsentWording",
    "source": "LeadSource",
    "stage": "PipelineStage",
    "tag": "Tag",
    "tags": "Tag",
    "task": "LeadTask",
    "template": "TaskTemplate",
    "to": "ClinicUser",
    "to_stage": "PipelineStage",
    "tried_out_by": "BackgroundJob",
    "who": "ClinicUser",
    "with": "Lead",
    "appointment": "Appointment",
    "replaces": "Appointment",
    "patient": "Patient",
    "provider": "Provider",
    "responsible_party": "Patient",
    "converted_to_patient": "Patient",
    "p0-known": "Patient",
    "room": "Room",
    "type": "AppointmentType",
    "visit": "Visit",
    "clinic": "Clinic",
    "clinic_id": "Clinic",
    "_selected_action": "Tag",
}


def foreign_ids(world):
    """A row of this clinic for each field that takes an id."""
    by_name = {model.__name__: world[model].pk for model in MAKERS} | {"Clinic": world.clinic.pk}
    return {field: str(by_name[model]) for field, model in ID_FIELDS.items()}


def body_of(address, world):
    """What is posted to an address of this world."""
    make = POSTED.get(address.name)
    return make(world) if make else {}


def query_of(address, world):
    """What is asked of an address of this world."""
    make = ASKED.get(address.name)
    return make(world) if make else {}


def a_patient_file(world):
    resource = {"resourceType": "Patient", "id": world.word, "name": [{"family": world.word}]}
    return SimpleUploadedFile(f"{world.word}.json", json.dumps(resource).encode())


def a_form(world):
    return {
        "name": "Landing page",
        "use": "WEB",
        "hue": "200",
        "language": "",
        "field": ["phone"],
        "on_phone": "on",
        "source": world[LeadSource].pk,
        "location": world[Location].pk,
        "tag": world[Tag].pk,
        "version": world[LeadForm].version,
    }


POSTED = {
    "patients:emr_issue_decide": lambda world: {"answer": "ours"},
    "patients:emr_issue_bulk": lambda world: {"answer": "ours", "issue": world[EmrIssue].pk},
    "patients:emr_file_create": lambda world: {"files": a_patient_file(world), "winner": "ASK"},
    "api:lead_convert": lambda world: {"people": [{"first_name": "Mia"}], "if_known": "create"},
    "api:lead_activities": lambda world: {"type": "NOTE", "notes": "Has a dog"},
    "api:lead_tasks": lambda world: {"title": "Call", "due_at": "2026-12-01T09:00:00Z", "assigned_to": world.admin.pk},
    "api:source_list": lambda world: {"name": "A new one", "category": "OTHER"},
    "api:source_update": lambda world: {"name": "Another name"},
    "api:task_update": lambda world: {"title": "Call again", "assigned_to": world.admin.pk},
    "api:stage_list": lambda world: {"name": "A new one", "auto_task_template": world[TaskTemplate].pk},
    "api:stage_reorder": lambda world: {"stages": list(PipelineStage.objects.in_order().values_list("pk", flat=True))},
    "api:stage_update": lambda world: {"name": "Another name", "auto_task_template": world[TaskTemplate].pk},
    "api:lead_assign": lambda world: {"assigned_to": world.admin.pk},
    "api:lead_detail": lambda world: {
        "first_name": "Nora",
        "source": world[LeadSource].pk,
        "location": world[Location].pk,
        "ad_campaign": world[AdCampaign].pk,
        "referring_provider": world[ReferringProvider].pk,
        "expected_value_cents": 450_000,
    },
    "api:lead_list": lambda world: {
        "phone": "+1 312 555 0147",
        "source": world[LeadSource].pk,
        "location": world[Location].pk,
        "assigned_to": world.members[Role.TREATMENT_COORDINATOR].pk,
    },
    "api:patient_list": lambda world: {"first_name": "Nora", "provider": world[Provider].pk},
    "api:patient_detail": lambda world: {
        "city": "Girona",
        "provider": world[Provider].pk,
        "location": world[Location].pk,
    },
    "api:lead_lost": lambda world: {"lost_reason": "NO_RESPONSE"},
    "api:lead_reopen": lambda world: {"stage": world[PipelineStage].pk},
    "api:lead_stage": lambda world: {"stage": world[PipelineStage].pk},
    "clinics:absence_list": lambda world: {"first_day": "2027-02-01", "last_day": "2027-02-05"},
    "clinics:clinic_switch": lambda world: {"clinic": world.clinic.pk},
    "clinics:language_choose": lambda world: {"language": "es"},
    "clinics:member_edit": lambda world: {"role": Role.FRONT_DESK, "location": world[Location].pk, "capacity": 5},
    "clinics:member_invite": lambda world: {
        "email": "second@example.com",
        "role": Role.FRONT_DESK,
        "location": world[Location].pk,
    },
    "clinics:profile": lambda world: {"first_name": "Nora", "last_name": "Ray", "language": "en"},
    "clinics:profile_notifications": lambda world: {"email": "never"},
    "crm:bulk_run": lambda world: {"lead": world[Lead].pk, "tag": world[Tag].pk},
    "clinics:view_create": lambda world: {"name": "Mine alone", "layout": "LIST", "query": "q=a"},
    "clinics:view_edit": lambda world: {"name": "Another name"},
    "clinics:view_shift": lambda world: {"step": 1},
    "clinics:view_update": lambda world: {"query": "q=b"},
    "crm:lead_columns": lambda world: {"shown": "stage", "order": "stage", "size": 50},
    "clinics:webhook_connection_create": lambda world: {"label": "Our website"},
    "clinics:webhook_connection_edit": lambda world: {"label": "Our website"},
    "clinics:webhook_connection_try": lambda world: {"text": '{"phone": "+1 312 555 0147"}'},
    "crm:form_create": a_form,
    "crm:form_edit": a_form,
    "crm:form_preview": a_form,
    "crm:inquiry_replay": lambda world: {"first_name": "Nora", "phone": "+1 312 555 0147"},
    "crm:inquiry_take_over": lambda world: {"ids": [world[LeadSubmission].pk]},
    "crm:inquiry_replay_many": lambda world: {"ids": [world[LeadSubmission].pk]},
    "crm:import_mapping": lambda world: {
        "target_0": "first_name",
        "target_1": "email",
        "stage": PipelineStage.objects.in_order()[0].pk,
        "source": world[LeadSource].pk,
        **world[LeadImport].options,
    },
    "crm:lead_cover": lambda world: {"coordinator": world.members[Role.TREATMENT_COORDINATOR].pk},
    "crm:lead_assign": lambda world: {"coordinator": world.members[Role.TREATMENT_COORDINATOR].pk},
    "crm:lead_call": lambda world: {
        "outcome": "SPOKE",
        "notes": "Asked about the price",
        "next_step": "CALL",
        "owner": world.admin.pk,
        "when": "tomorrow",
    },
    "crm:lead_closer": lambda world: {"member": world.admin.pk},
    "crm:lead_erase": lambda world: {"typed_name": world[Lead].display_name},
    "crm:lead_convert": lambda world: {"p0-first_name": "Nora", "p0-last_name": "Ray"},
    "crm:lead_create": lambda world: {
        "phone": "+1 312 555 0147",
        "first_name": "Nora",
        "source": world[LeadSource].pk,
        "assigned_to": world.members[Role.TREATMENT_COORDINATOR].pk,
    },
    "crm:lead_called_again": lambda world: {"phone": "+1 312 555 0147", "source": world[LeadSource].pk},
    "crm:lead_create_full": lambda world: {"first_name": "Nora", "source": world[LeadSource].pk},
    "crm:lead_edit": lambda world: {
        "first_name": "Nora",
        "source": world[LeadSource].pk,
        "location": world[Location].pk,
        "version": world[Lead].version,
        "patient_relationship": "SELF",
        "preferred_contact": "PHONE",
    },
    "crm:lead_activity_edit": lambda world: {"text": "Has two dogs"},
    "crm:lead_document_add": lambda world: {"files": SimpleUploadedFile("plan.txt", b"The plan")},
    "patients:patient_document_add": lambda world: {"files": SimpleUploadedFile("plan.txt", b"The plan")},
    "crm:lead_field": lambda world: {"phone": "+1 312 555 0147", "version": world[Lead].version},
    "crm:lead_task_edit": lambda world: {"title": "Send it", "owner": world.admin.pk, "when": "tomorrow"},
    "crm:lead_task_snooze": lambda world: {"when": "tomorrow"},
    "crm:lead_lost": lambda world: {"lost_reason": "NO_RESPONSE"},
    "crm:lead_move": lambda world: {"stage": world[PipelineStage].pk},
    "crm:lead_note": lambda world: {"text": "Has a dog"},
    "crm:lead_opportunity": lambda world: {"expected_value": "4500", "expected_value_cents": 450_000},
    "crm:lead_reopen": lambda world: {"stage": world[PipelineStage].pk},
    "crm:lead_tags": lambda world: {"tag": world[Tag].pk},
    "crm:lead_task_create": lambda world: {"title": "Send the plan", "owner": world.admin.pk, "when": "tomorrow"},
    **POSTED_BY_THE_DESK,
    **patient_list_rows.BODIES,
    **day_rows.BODIES,
    **assignment_rows.BODIES,
    **number_rows.BODIES,
    **inbox_rows.BODIES,
}
ASKED = {
    "api:lead_list": lambda world: {"q": "zephyrine"},
    "api:patient_list": lambda world: {"q": "zephyrine"},
    "api:lead_matches": lambda world: {"email": "lead@zephyrine.example"},
    "admin:autocomplete": lambda world: {
        "app_label": "crm",
        "model_name": "pipelinestage",
        "field_name": "auto_task_template",
        "term": "",
    },
    "clinics:palette": lambda world: {"q": "zephyrine"},
    "crm:board_changes": lambda world: {"since": 0},
    "crm:board_lanes_changes": lambda world: {"since": 0, "lane": "nobody"},
    "crm:lead_list": lambda world: {"q": ""},
    "crm:lead_matches": lambda world: {"email": "lead@zephyrine.example"},
}
