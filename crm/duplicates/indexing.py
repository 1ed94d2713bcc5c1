"""Keeping the match keys of leads: by every verb that writes names, birth dates or addresses; by a job for the rest."""

from django.db.models import Exists, OuterRef

from clinics.copying import copy_in
from clinics.jobs import report_progress
from clinics.same_person.keys import match_keys
from clinics.tenancy import clinic_scope
from crm.duplicates.people import person_of
from crm.models import Lead, LeadMatchKey

MANY = 50
BATCH = 2000


def index_lead(lead):
    """Keep the keys of one lead that was created or changed."""
    wanted = match_keys(person_of(lead))
    kept = dict(LeadMatchKey.objects.filter(lead=lead).values_list("key", "pk"))
    gone = [pk for key, pk in kept.items() if key not in wanted]
    if gone:
        LeadMatchKey.objects.filter(pk__in=gone).delete()
    new = [LeadMatchKey(lead=lead, key=key) for key in wanted - kept.keys()]
    LeadMatchKey.objects.bulk_create(new, ignore_conflicts=True)


def index_leads(leads, *, are_new=False):
    """Keep the keys of many leads in a handful of statements; leads that were created just now have none yet."""
    leads = list(leads)
    if not are_new:
        LeadMatchKey.objects.filter(lead_id__in=[lead.pk for lead in leads]).delete()
    rows = (LeadMatchKey(lead_id=lead.pk, key=key) for lead in leads for key in match_keys(person_of(lead)))
    copy_in(LeadMatchKey, rows)


def forget_leads(ids):
    """Drop the keys of leads that went away, so that the index finds only who is here."""
    LeadMatchKey.objects.filter(lead_id__in=ids).delete()


def run_backfill(clinic, job):
    """The job "crm.match_keys": give keys to all leads that have none, a batch at a time; returns their number."""
    done = 0
    with clinic_scope(clinic):
        total = _without_keys().count()
    while True:
        with clinic_scope(clinic):
            leads = list(_without_keys().order_by("pk")[:BATCH])
            index_leads(leads, are_new=True)
            done += len(leads)
            report_progress(job, done, total)
        if len(leads) < BATCH:
            return {"indexed": done}


def _without_keys():
    return Lead.objects.present().exclude(name_key="").exclude(Exists(LeadMatchKey.objects.filter(lead=OuterRef("pk"))))
