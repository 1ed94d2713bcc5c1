"""Who has how much to do: open leads, what is late, what is new, who is full and who is away."""

from dataclasses import dataclass

from clinics.models import ClinicUser, Role
from crm.filters import NOBODY
from crm.models import Lead, LeadStatus, LeadTask, PipelineStage

OWNERS = {Role.TREATMENT_COORDINATOR, Role.CLINIC_ADMIN}
COLUMNS = ("name", "open", "share", "new", "overdue", "stuck")


@dataclass(frozen=True)
class Load:
    """What one person has. `overdue` are tasks, all else open leads; `member` is None for what nobody has."""

    member: ClinicUser | None
    open: int
    new: int
    overdue: int
    stuck: int
    deputy: ClinicUser | None = None  # of whoever is away today

    @property
    def capacity(self):
        return self.member.capacity if self.member else None

    @property
    def share(self):
        """How full they are, 1 for full; None without a limit."""
        return self.open / self.capacity if self.capacity else None

    @property
    def is_full(self):
        return self.share is not None and self.share >= 1

    @property
    def percent(self):
        return None if self.share is None else min(100, round(100 * self.share))

    @property
    def whose(self):
        """What the filter of leads calls them."""
        return str(self.member.pk) if self.member else NOBODY

    @property
    def has_work(self):
        return bool(self.open or self.overdue)

    @property
    def is_owner(self):
        """Whether they may own leads: who has some and may not should hand them over."""
        return self.member is not None and self.member.is_active and self.member.role in OWNERS


def read_workload(*, order="name", descending=False):
    """The Load of everybody who may own leads or has any, sorted by one of COLUMNS; six queries, whatever they have."""
    leads = Lead.objects.open()
    days = dict(PipelineStage.objects.exclude(max_days_in_stage=None).values_list("pk", "max_days_in_stage"))
    open_by, new_by = leads.count_by("assigned_to_id"), leads.filter(status=LeadStatus.NEW).count_by("assigned_to_id")
    stuck_by = Lead.objects.stuck(days).count_by("assigned_to_id") if days else {}
    late_by = LeadTask.objects.overdue().of_present_leads().count_by_member()
    members = {member.pk: member for member in ClinicUser.objects.for_list()}
    wanted = [
        pk
        for pk, member in members.items()
        if (member.is_active and member.role in OWNERS) or open_by.get(pk) or late_by.get(pk)
    ]
    loads = [
        Load(
            members.get(pk),
            open_by.get(pk, 0),
            new_by.get(pk, 0),
            late_by.get(pk, 0),
            stuck_by.get(pk, 0),
            members.get(members[pk].stand_in_id) if pk in members and members[pk].is_out_of_office else None,
        )
        for pk in [*wanted, *([None] if open_by.get(None) else [])]
    ]
    return sorted(loads, key=lambda load: _key(load, order), reverse=descending)


def _key(load, order):
    if order == "name":
        return (load.member is None, load.member.display_name.casefold() if load.member else "")
    value = getattr(load, order)
    return (-1 if value is None else value, load.member.display_name if load.member else "")


def order_asked(query):
    """(column, descending) of ?sort=-open; by name if it names none of the columns."""
    asked = query.get("sort", "")
    column = asked.removeprefix("-")
    return (column, asked.startswith("-")) if column in COLUMNS else ("name", False)
