"""Every active lead has a coordinator: looked after at night, when somebody leaves, and when a lead is open again."""

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from clinics.audit import SYSTEM
from clinics.models import ClinicUser
from clinics.notifications import language_of, notify
from clinics.tenancy import clinic_scope
from clinics.writing import writing_together
from crm.assignment.choosing import How
from crm.assignment.giving import assign_lead, coordinators, decide_anew
from crm.assignment.turns import Turns
from crm.locking import once_for_all
from crm.models import Lead, LeadTask
from crm.rules import CoordinatorMissing

AT_ONCE = 200


def ownerless_leads():
    """Open leads of nobody, or of somebody who may not own leads any more."""
    owners = ClinicUser.objects.coordinators().order_by().values("pk")
    return Lead.objects.open().without_owner_among(owners)


def own_again(lead, *, by):
    """Give a lead that is open again a coordinator by the rules, if whoever had it may own none any more; returns it.

    Records "crm.lead.assigned". Raises CoordinatorMissing where nobody may own leads.
    """
    if not lead.is_open or lead.assigned_to_id in once_for_all(coordinators):
        return lead
    return assign_lead(lead, None, by=by, how=decide_anew(lead, Turns(lead.clinic), How.MENDED))


def mend_ownerless_leads(clinic, *, by=SYSTEM):
    """Give each open lead without a coordinator one, by the rules; the clinic admins are told. Returns how many.

    A batch a transaction. Where nobody may own leads, nothing can be given, and the admins are told that.
    """
    mended, is_left = 0, True
    while is_left:
        with clinic_scope(clinic):
            leads = list(ownerless_leads().order_by("pk")[:AT_ONCE])
            try:
                turns = Turns(clinic) if leads else None
                with writing_together():
                    for lead in leads:
                        decision = decide_anew(lead, turns, How.MENDED)
                        assign_lead(lead, None, by=by, how=decision, is_told=False)
            except CoordinatorMissing:
                _tell_admins(len(leads), is_mended=False)
                return mended
            mended += len(leads)
            is_left = len(leads) == AT_ONCE
    with clinic_scope(clinic):
        move_orphaned_tasks()
        if mended:
            _tell_admins(mended, is_mended=True)
    return mended


def move_orphaned_tasks():
    """Open tasks of nobody, or of somebody who has left, go to the coordinator of their lead; returns how many."""
    at_work = ClinicUser.objects.active().order_by().values("pk")
    orphans = LeadTask.objects.open().filter(Q(assigned_to=None) | ~Q(assigned_to__in=at_work))
    owners = Lead.objects.filter(pk=OuterRef("lead_id")).order_by().values("assigned_to")
    owned = orphans.filter(lead__assigned_to__isnull=False, lead__deleted_at=None)
    return owned.update(assigned_to=Subquery(owners[:1]), updated_at=timezone.now())


def _tell_admins(count, *, is_mended):
    for admin in ClinicUser.objects.admins().select_related("user", "clinic"):
        with translation.override(language_of(admin)):
            words = (
                ngettext(
                    "%(n)s open lead had no coordinator and got one.",
                    "%(n)s open leads had no coordinator and got one.",
                    count,
                )
                if is_mended
                else ngettext(
                    "%(n)s open lead has no coordinator, and there is nobody who could get it.",
                    "%(n)s open leads have no coordinator, and there is nobody who could get them.",
                    count,
                )
            )
            notify(admin, "assignment", words % {"n": count}, url=reverse("crm:workload"))
