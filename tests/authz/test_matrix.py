"""Who may do what, written down twice: in `clinics/access.py` and here, in the words of the domain."""

import pytest

from clinics.access import EVERY_CODE, PERMISSIONS, staff_page
from clinics.models import Role
from tests.authz.capture_pages import BOOKING_PAGES, CAPTURE_PAGES
from tests.authz.day_pages import ABOUT_ONESELF, READING_TASKS, READING_THE_DAY, WORKING_ON_TASKS, WORKING_THE_QUEUE
from tests.authz.emr_records import PAGES_OF_EMR_RECORDS
from tests.authz.inbox_pages import OPEN_PAGES_OF_INBOX, PAGES_OF_INBOX, ROLES_OF_INBOX
from tests.authz.number_pages import KEEPING, PAGES_OF_NUMBERS
from tests.authz.patients import OPEN_PAGES_OF_PATIENTS, PAGES_OF_PATIENTS
from tests.authz.webhooks import PAGES_OF_WEBHOOKS
from tests.isolation.addresses import every_address
from tests.isolation.asking import METHODS

ADMIN, DOCTOR, COORDINATOR = Role.CLINIC_ADMIN, Role.DOCTOR, Role.TREATMENT_COORDINATOR
DESK, MARKETING, VIEWER = Role.FRONT_DESK, Role.MARKETING, Role.VIEWER

# Roles of each code. Beyond the table of the sources: a clinic admin may enter leads too, and doctors and viewers read.
ROLES = ROLES_OF_INBOX | {
    "lead:read": {DESK, COORDINATOR, ADMIN, DOCTOR, VIEWER},
    "lead:create": {DESK, COORDINATOR, ADMIN},
    "lead:update": {DESK, COORDINATOR, ADMIN},
    "lead:assign": {COORDINATOR, ADMIN},
    "lead:convert": {COORDINATOR, ADMIN},
    "lead:erase": {ADMIN},
    "lead:merge": {COORDINATOR, ADMIN},
    "lead:reopen": {ADMIN},
    "lead:configure": {ADMIN},
    "inquiry:read": {DESK, COORDINATOR, ADMIN},
    "inquiry:update": {DESK, COORDINATOR, ADMIN},
    "lead:analytics": {ADMIN, DOCTOR, MARKETING},
    "marketing:update": {ADMIN, MARKETING},
    "commission:manage": {ADMIN},
    "lead:export": {COORDINATOR, ADMIN},
    "lead:bulk": {COORDINATOR, ADMIN},
    "view:share": {COORDINATOR, ADMIN},
    "task:read": {DESK, COORDINATOR, ADMIN, DOCTOR, VIEWER},
    "task:update": {DESK, COORDINATOR, ADMIN},
    "job:read": {DESK, COORDINATOR, ADMIN, DOCTOR, VIEWER},
    "import:run": {COORDINATOR, ADMIN},
    "patient:read": {DESK, COORDINATOR, ADMIN, DOCTOR, VIEWER},
    "patient:create": {DESK, COORDINATOR, ADMIN},
    "patient:update": {DESK, COORDINATOR, ADMIN, DOCTOR},
    "patient:delete": {COORDINATOR, ADMIN},
    "patient:export": {COORDINATOR, ADMIN},
    "patient:erase": {ADMIN},
    "patient:bulk": {COORDINATOR, ADMIN},
    "patient:merge": {COORDINATOR, ADMIN},
    "payment:create": {DESK, COORDINATOR, ADMIN},
    "schedule:read": {DESK, COORDINATOR, ADMIN, DOCTOR, VIEWER},
    "schedule:update": {DESK, COORDINATOR, ADMIN, DOCTOR},
    "clinic:configure": {ADMIN},
    "staff:manage": {ADMIN},
    "audit:read": {ADMIN},
}
OWN = {f"clinics:view_{verb}" for verb in ("create", "delete", "edit", "restore", "shift", "update")} | ABOUT_ONESELF
# The code of each page of ours; a page that is not here may not be served.
PAGES = {
    "lead:read": {
        *READING_THE_DAY,
        "crm:board",
        "crm:board_changes",
        "crm:board_column",
        "crm:board_day",
        "crm:board_day_column",
        "crm:board_flow",
        "crm:board_lane",
        "crm:board_lanes",
        "crm:board_lanes_changes",
        "crm:board_pace",
        "crm:bulk_detail",
        "crm:lead_columns",
        "crm:lead_detail",
        "crm:lead_document",
        "crm:patient_panel",
        "crm:lead_list",
    },
    "lead:create": {
        "crm:lead_called_again",
        "crm:lead_called_again_undo",
        "crm:lead_create",
        "crm:lead_create_full",
        "crm:lead_matches",
        "crm:lead_referrers",
        "crm:lead_withdraw",
        "crm:walk_in",
        "crm:walk_in_start",
    },
    **CAPTURE_PAGES,
    **PAGES_OF_NUMBERS,
    **PAGES_OF_INBOX,
    "lead:update": {
        "crm:lead_activity_edit",
        "crm:bulk_run",
        "crm:bulk_undo",
        "crm:lead_activity_undo",
        "crm:lead_archive",
        "crm:lead_call",
        "crm:lead_document_add",
        "crm:lead_document_delete",
        "crm:lead_document_restore",
        "crm:lead_edit",
        "crm:card_call",
        *WORKING_THE_QUEUE,
        "crm:lead_enter",
        "crm:lead_field",
        "crm:lead_lost",
        "crm:lead_move",
        "crm:lead_move_undo",
        "crm:lead_note",
        "crm:lead_opportunity",
        "crm:lead_place",
        "crm:lead_tag_add",
        "crm:lead_tag_remove",
        "crm:lead_tags",
        "crm:lead_unarchive",
    },
    "lead:assign": {"crm:hand_over", "crm:lead_assign", "crm:lead_assign_undo", "crm:workload"},
    "lead:convert": {"crm:lead_convert"},
    "lead:reopen": {"crm:lead_convert_undo", "crm:lead_reopen"},
    "lead:merge": {
        "crm:duplicate_detail",
        "crm:duplicate_dismiss",
        "crm:duplicate_household",
        "crm:duplicate_list",
        "crm:duplicate_merge",
        "crm:duplicate_reopen",
        "crm:duplicate_sweep",
        "crm:lead_merge",
        "crm:lead_merge_undo",
    },
    "task:read": READING_TASKS,
    "task:update": {
        *WORKING_ON_TASKS,
        "crm:lead_task_cancel",
        "crm:lead_task_change_undo",
        "crm:lead_task_complete",
        "crm:lead_task_create",
        "crm:lead_task_edit",
        "crm:lead_task_snooze",
        "crm:lead_task_undo",
    },
    **PAGES_OF_PATIENTS,
    "clinic:configure": PAGES_OF_PATIENTS["clinic:configure"] | PAGES_OF_WEBHOOKS | PAGES_OF_EMR_RECORDS | KEEPING,
    "job:read": {"clinics:job_cancel", "clinics:job_detail", "clinics:job_list", "clinics:job_retry"},
    "staff:manage": {
        "clinics:invitation_resend",
        "clinics:invitation_withdraw",
        "clinics:member_deactivate",
        "clinics:member_edit",
        "clinics:member_invite",
        "clinics:member_list",
        "clinics:member_reactivate",
        "crm:workload_counts",
    },
    "audit:read": {"clinics:audit_export", "clinics:audit_list", "crm:lead_audit", "patients:patient_audit"},
    # Any member of staff: one's own notices, profile and sessions, and what leads on to pages with a code.
    None: {
        *OWN,
        "clinics:api_docs",
        "clinics:api_token_create",
        "clinics:api_token_revoke",
        "clinics:clinic_switch",
        "clinics:live",
        "clinics:notification_bell",
        "clinics:notification_list",
        "clinics:notification_read",
        "clinics:notification_read_all",
        "clinics:palette",
        "clinics:profile",
        "clinics:session_end",
        "clinics:session_end_others",
        "clinics:styleguide",
    },
}
# No page for members: before the login, or for somebody who may belong to no clinic yet.
NOT_FOR_MEMBERS = BOOKING_PAGES | {
    "crm:public_form",
    "crm:public_form_thanks",
    *("clinics:hook", "clinics:api_document", "clinics:invitation_accept"),
    "clinics:language_choose",
    "crm:clinic_open",
    *OPEN_PAGES_OF_PATIENTS,
    *OPEN_PAGES_OF_INBOX,
    *("healthz", "home", "metrics", "readyz"),
}
# Codes that no page of its own asks for: a rule inside a page does, or pages to come.
ASKED_INSIDE = {
    "patient:bulk": "patients:patient_bulk_run, for all patients who match a filter",
    "lead:bulk": "crm:bulk_run, for all leads that match a filter",
    "view:share": "clinics:view_create and clinics:view_edit",
}
# What a viewer may send: about themselves, never about a lead, and nothing of the clinic's.
SENT_BY_A_VIEWER = {
    *OWN,
    "clinics:api_token_create",  # of their own, for what they may do themselves
    "clinics:api_token_revoke",
    "crm:lead_columns",
    "patients:patient_columns",
    "clinics:clinic_switch",
    "clinics:job_cancel",  # their own jobs, and they can start none
    "clinics:job_retry",
    "clinics:notification_read",
    "clinics:notification_read_all",
    "clinics:profile",
    "clinics:session_end",
    "clinics:session_end_others",
}


def ours():
    """Every page of ours; what programs are answered has a table of its own (test_api_matrix.py)."""
    pages = [address for address in every_address() if not address.is_admin and not address.is_api]
    return [address for address in pages if not is_of_allauth(address)]


def is_of_allauth(address):
    return address.route.startswith("account/")


def differences(pages=None):
    """Where the pages as they are served and the table above do not agree, one sentence each."""
    expected = {name: code for code, names in PAGES.items() for name in names}
    found = []
    for address in pages or ours():
        if address.name in NOT_FOR_MEMBERS:
            continue
        if address.permission == "":
            found.append(f"{address} states no permission: put @staff_page on it")
        elif address.name not in expected:
            found.append(f"{address} is not in PAGES of tests/authz/test_matrix.py: say there what it asks for")
        elif expected[address.name] != address.permission:
            found.append(f"{address} asks for {address.permission}, the table says {expected[address.name]}")
    return found


def test_roles_hold_the_codes_of_the_domain():
    held = {code: {role for role, codes in PERMISSIONS.items() if code in codes} for code in EVERY_CODE}

    assert held == ROLES


def test_every_page_asks_for_the_code_in_the_table():
    found = differences()

    assert not found, "\n".join(found)


def test_every_page_in_the_table_is_served():
    served = {address.name for address in ours()}
    listed = set().union(*PAGES.values()) | NOT_FOR_MEMBERS

    assert listed <= served, f"No longer served: {', '.join(sorted(listed - served))}"


def test_every_code_is_asked_for_somewhere():
    asked = {address.permission_for(method) for address in every_address() for method in METHODS}

    assert asked | set(ASKED_INSIDE) >= EVERY_CODE, EVERY_CODE - asked
    assert not asked & set(ASKED_INSIDE), "A page asks for these now: take them out of ASKED_INSIDE."


@pytest.mark.parametrize("code", sorted(code for code in PAGES if code))
def test_a_page_with_another_code_is_noticed(code):
    """Each line of the table bites: a page that asks for less, or for nothing, is named."""
    for address in ours():
        if address.permission == code:
            weaker = type(address)(address.name, address.route, staff_page(None)(lambda request: None))
            bare = type(address)(address.name, address.route, lambda request: None)

            assert differences([weaker])
            assert differences([bare])


def test_a_viewer_has_no_page_to_write_on():
    """Whatever takes a POST and opens to viewers is about themselves alone."""
    names = {name for code in PERMISSIONS[VIEWER] | {None} for name in PAGES.get(code, ())}
    takes_posts = {address.name for address in ours() if "POST" in methods_of(address.view)}

    assert names & takes_posts <= SENT_BY_A_VIEWER


def methods_of(view):
    """The methods that the decorators of a view let through; all of them where no decorator says."""
    while view is not None:
        cells = getattr(view, "__closure__", None) or ()
        for cell in cells:
            methods = cell.cell_contents
            if isinstance(methods, (list, tuple)) and methods and set(methods) <= {"GET", "POST", "HEAD"}:
                return set(methods)
        view = getattr(view, "__wrapped__", None)
    return {"GET", "POST"}
