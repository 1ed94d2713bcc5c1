"""Every address that the project answers, found by walking its URL patterns, and the rows that stand in them."""

import re
import uuid
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache

from allauth.account.utils import user_pk_to_url_str
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.urls import Resolver404, URLPattern, get_resolver, resolve

from clinics.models import BackgroundJob, Clinic, ClinicUser, Invitation, Tag
from crm.models import (
    BulkAct,
    Lead,
    LeadActivity,
    LeadConversion,
    LeadDocument,
    LeadSource,
    LeadTask,
    PipelineStage,
    StageChange,
)
from patients.models import Appointment, Patient, Payment, Visit
from tests.isolation import (
    board_addresses,
    capture_addresses,
    day_rows,
    duplicate_rows,
    inbox_addresses,
    inbox_page_addresses,
    lead_page_rows,
    number_rows,
    own_rows,
    patient_addresses,
    patient_list_rows,
)
from tests.isolation.own_rows import RowOf, api_token_of, file_of, notice_of, passkey_of, session_of, view_of


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    view: object

    @property
    def slots(self):
        """The names of what changes in the route."""
        return tuple(re.findall(r"<(?:\w+:)?(\w+)>", self.route))

    @property
    def permission(self):
        """The code that the view asks for; None for any member of staff; "" if it is no page of ours for staff."""
        if self.is_admin:
            return "clinic:configure"
        if self.is_api:
            return next(iter(self.view.permissions.values()))
        return getattr(self.view, "permission", "")

    def permission_for(self, method):
        """The code that one method asks for: of the API, each has its own; "" for a method that is not known."""
        return self.view.permissions.get(method, "") if self.is_api else self.permission

    @property
    def is_api(self):
        """Tell whether programs are answered here, in JSON."""
        return hasattr(self.view, "permissions")

    @property
    def is_admin(self):
        return self.route.startswith("admin/")

    @property
    def is_public(self):
        return not self.is_api and not getattr(self.view, "login_required", True)

    def path(self, values):
        """The route with a value in each slot."""
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda slot: str(values[slot[1]]), self.route)
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda slot: str(values[slot[1]]), path)
        return "/" + path.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\", "")

    def __str__(self):
        return self.name or self.route


@cache
def every_address():
    """All patterns of the URL configuration, those left out that another one before them always hides."""
    return tuple(sorted(set(_found(get_resolver())), key=lambda address: address.route))


def _found(resolver, prefix="", spaces=()):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(":".join([*spaces, pattern.name]) if pattern.name else "", route, pattern.callback)
        else:
            yield from _found(pattern, route, (*spaces, pattern.namespace) if pattern.namespace else spaces)


def is_hidden(address, path):
    """Tell whether another pattern answers this path, so that the view of the address is never reached."""
    try:
        return resolve(path).func is not address.view
    except Resolver404:
        return True


ACTS_ON_LEADS = [
    "activity_edit",
    "activity_undo",
    "archive",
    "assign",
    "assign_undo",
    "audit",
    "call",
    "called_again",
    "convert",
    "cover",
    "cover_undo",
    "detail",
    "document",
    "document_add",
    "document_delete",
    "document_restore",
    "edit",
    "erase",
    "field",
    "file",
    "lost",
    "move",
    "note",
    "opportunity",
    "reopen",
    "tag_add",
    "tag_remove",
    "tags",
    "task_cancel",
    "task_change_undo",
    "task_complete",
    "task_create",
    "task_edit",
    "task_snooze",
    "task_undo",
    "unarchive",
    "withdraw",
]


# What stands in a slot: by the name of the page and the slot, or by the slot alone. A function of the world and of the
# member who asks, since some rows are one's own. What is missing here fails the walk.
ROWS = {
    "absence": dict.fromkeys(own_rows.OF_ABSENCES[::2], own_rows.absence_of_theirs),
    "appointment_id": Appointment,
    "lead_id": Lead,
    "payment_id": Payment,
    "patient_id": Patient,
    "source_id": LeadSource,
    "stage_id": PipelineStage,
    "task_id": LeadTask,
    "visit_id": Visit,
    "pk": {
        **dict.fromkeys(own_rows.OF_ABSENCES, own_rows.oneself),
        "clinics:api_token_revoke": lambda world, member: api_token_of(member),
        "clinics:invitation_resend": Invitation,
        "clinics:invitation_withdraw": Invitation,
        "clinics:job_cancel": BackgroundJob,
        "clinics:job_detail": BackgroundJob,
        "clinics:job_retry": BackgroundJob,
        "clinics:member_deactivate": ClinicUser,
        "clinics:member_edit": ClinicUser,
        "clinics:member_reactivate": ClinicUser,
        "clinics:notification_read": lambda world, member: notice_of(member),
        "clinics:session_end": lambda world, member: session_of(member),
        "crm:bulk_csv": BulkAct,
        "crm:bulk_detail": BulkAct,
        "crm:bulk_undo": BulkAct,
        **dict.fromkeys([f"crm:lead_{act}" for act in ACTS_ON_LEADS], Lead),
        "crm:lead_convert_undo": lambda world, member: world[LeadConversion].lead_id,
        "crm:lead_closer": lambda world, member: world[LeadConversion].lead_id,
        "crm:lead_export_file": lambda world, member: file_of(member),
        "crm:lead_move_undo": StageChange,
        "clinics:view_delete": lambda world, member: view_of(member),
        "clinics:view_edit": lambda world, member: view_of(member),
        "clinics:view_restore": lambda world, member: view_of(member),
        "clinics:view_shift": lambda world, member: view_of(member),
        "clinics:view_update": lambda world, member: view_of(member),
        "mfa_edit_webauthn": lambda world, member: passkey_of(member),
        "mfa_remove_webauthn": lambda world, member: passkey_of(member),
        **capture_addresses.ROWS,
        **duplicate_rows.ADDRESSES,
        **board_addresses.ROWS,
        **day_rows.ADDRESSES,
        **number_rows.ADDRESSES,
        **patient_addresses.ROWS,
        **patient_list_rows.ADDRESSES,
        **inbox_page_addresses.ROWS,
    },
    "activity_pk": {
        **dict.fromkeys(["crm:lead_activity_edit", "crm:lead_activity_undo"], LeadActivity),
        "crm:lead_assign_undo": lambda world, member: lead_page_rows.assignment_in(world),
        "crm:lead_cover_undo": lambda world, member: lead_page_rows.assignment_in(world),
        **day_rows.ACTIVITIES,
    },
    **board_addresses.OTHER_ROWS,
    "tag_pk": inbox_page_addresses.TAGS
    | dict.fromkeys(
        ["crm:lead_tag_add", "crm:lead_tag_remove", "patients:patient_tag_add", "patients:patient_tag_remove"], Tag
    ),
    "change_pk": {"crm:lead_task_change_undo": day_rows.CHANGES["crm:task_change_undo"], **day_rows.CHANGES},
    "conversion_pk": {"crm:lead_convert_undo": LeadConversion, "crm:lead_closer": LeadConversion},
    "document_pk": {
        "crm:lead_document": LeadDocument,
        "crm:lead_document_delete": LeadDocument,
        "crm:lead_document_restore": LeadDocument,
        **patient_list_rows.DOCUMENTS,
    },
    "task_pk": dict.fromkeys(
        [f"crm:lead_task_{act}" for act in ("cancel", "change_undo", "complete", "edit", "snooze", "undo")], LeadTask
    ),
    **patient_addresses.SLOTS,
    **inbox_page_addresses.SLOTS,
    "token": {**capture_addresses.TOKENS, **patient_addresses.TOKENS, **inbox_addresses.TOKENS},
}
PLAIN = {  # slots that name no row of a clinic: what stands in them is the same for everybody
    "way": lambda world, member: "sms",
    "act": lambda world, member: "archive",
    "app_label": lambda world, member: "crm",
    "content_type_id": lambda world, member: ContentType.objects.get_for_model(Lead).pk,
    "figure": lambda world, member: "funnel",
    "key": lambda world, member: "a-key",
    "kind": lambda world, member: "tag",
    "line": lambda world, member: 2,
    "place": lambda world, member: "phone",
    "provider": lambda world, member: "none",
    "uidb36": lambda world, member: user_pk_to_url_str(world.members["VIEWER"].user),
    "url": lambda world, member: "no/such/page/",
    "what": lambda world, member: "complete",
}


def filling(address, slot):
    """The function that fills a slot of an address, or None if nobody has said what stands there."""
    if slot in PLAIN:
        return PLAIN[slot]
    if slot == "object_id":
        return lambda world, member: _row_in_admin(address, world)
    known = ROWS[slot] if isinstance(ROWS.get(slot), type) else ROWS.get(slot, {}).get(address.name)
    return RowOf(known) if isinstance(known, type) else known


def row_slots(address):
    """The slots of an address that name a row of a clinic."""
    return [slot for slot in address.slots if slot not in PLAIN]


def unmapped():
    return [f"{address}: {slot}" for address in every_address() for slot in address.slots if not filling(address, slot)]


def values_of(address, world, member):
    """What stands in each slot when `member` asks for the rows of `world`."""
    fillings = {slot: filling(address, slot) for slot in address.slots}
    is_at_hand = all(slot in PLAIN or isinstance(fill, RowOf) for slot, fill in fillings.items())
    with nullcontext() if is_at_hand else world.open():
        return {slot: fill(world, member) for slot, fill in fillings.items()}


def random_values(address, values):
    """The same with an id that nobody has in the place of each row."""
    return values | {slot: _unlike(values[slot]) for slot in row_slots(address)}


def _unlike(value):
    if isinstance(value, int):
        return value + 10**6
    if isinstance(value, uuid.UUID) or len(str(value)) == 36:
        return uuid.uuid4()
    return re.sub("[0-9a-f]", lambda digit: "fedcba9876543210"[int(digit[0], 16)], str(value))


def _row_in_admin(address, world):
    admin = getattr(address.view, "model_admin", None)
    model = admin.model if admin else _model_in(address.route)
    if model is None or address.name == "admin:view_on_site":
        return world[Lead].pk
    if model is Clinic:
        return world.clinic.pk
    return world[model].pk if hasattr(model, "clinic") else 1


def _model_in(route):
    app_label, name = route.split("/")[1:3]
    return apps.get_model(app_label, name) if "<" not in name else None
