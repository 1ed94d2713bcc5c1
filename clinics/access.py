"""Who may do what: one table, role -> codes, and the decorators that put a code on a view."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied

from clinics.models import Role

VIEW = {"lead:read", "task:read", "job:read", "patient:read", "schedule:read", "inbox:read"}
CARE = {"patient:update", "schedule:update", "payment:create"}
ANSWER = {"inbox:reply", "inbox:assign"}
WORK = VIEW | CARE | ANSWER | {"lead:update", "task:update", "patient:create", "inquiry:read", "inquiry:update"}

PERMISSIONS = {
    Role.CLINIC_ADMIN: WORK
    | {
        "lead:merge",
        "lead:create",
        "lead:assign",
        "lead:convert",
        "lead:reopen",
        "lead:configure",
        "lead:analytics",
        "marketing:update",
        "commission:manage",
        "lead:export",
        "lead:erase",
        "lead:bulk",
        "view:share",
        "import:run",
        "patient:delete",
        "patient:erase",
        "patient:export",
        "patient:bulk",
        "patient:merge",
        "inbox:configure",
        "clinic:configure",
        "staff:manage",
        "audit:read",
    },
    Role.DOCTOR: VIEW | {"lead:analytics", "patient:update", "schedule:update", "inbox:reply"},
    Role.TREATMENT_COORDINATOR: WORK
    | {
        "lead:merge",
        "lead:create",
        "lead:assign",
        "lead:convert",
        "lead:export",
        "lead:bulk",
        "view:share",
        "import:run",
        "patient:delete",
        "patient:export",
        "patient:bulk",
        "patient:merge",
    },
    Role.FRONT_DESK: WORK | {"lead:create"},
    Role.MARKETING: {"lead:analytics", "marketing:update"},
    Role.VIEWER: VIEW,
}
EVERY_CODE = frozenset().union(*PERMISSIONS.values())


def may(member, code):
    """Tell whether a member of staff holds a permission code; a misspelt code is an error, not a refusal."""
    if code not in EVERY_CODE:
        raise KeyError(code)
    return member is not None and member.is_active and code in PERMISSIONS[Role(member.role)]


class Allowed:
    """A member's permissions for templates: `may.lead_read` asks for "lead:read"."""

    def __init__(self, member):
        self.member = member

    def __getattr__(self, name):
        code = name.replace("_", ":", 1)
        if code not in EVERY_CODE:
            raise AttributeError(name)
        return may(self.member, code)


def staff_page(code):
    """Let in members of staff who hold `code` (None: any member of staff); others are refused with 403."""
    if code is not None and code not in EVERY_CODE:
        raise KeyError(code)

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if request.member is None or (code is not None and not may(request.member, code)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = code
        guarded.audience = "staff"
        return guarded

    return decorate
