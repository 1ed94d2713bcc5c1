import time

from celery import shared_task
from django.utils import timezone, translation

from clinics.live import publish
from clinics.models import AuditLog, Clinic, ClinicUser
from clinics.tasks import SteppedTask
from clinics.tenancy import ClinicTask, clinic_scope
from crm import (
    confirming,
    disagreements,
    documents,
    exporting,
    month_closing,
    report_mail,
    speed_watch,
    understanding,
)
from crm.assignment import leaving, mending
from crm.duplicates import sweeping
from crm.figures.catching_up import TOPIC, note_pace
from crm.figures.keeping import AT_ONCE, bring_up_to_date, count_waiting
from crm.following_up.acting import run_next
from crm.following_up.noticing import notice_event, notice_time
from crm.hooks import catching_up
from crm.models import FollowUpRun, LeadClock, LeadSubmission, LeadTask, ReportDelivery, ReportSubscription
from crm.purging import start_purge
from crm.reminding import escalate_overdue_tasks, remind_of_tasks
from crm.tallies import fold_tallies


@shared_task(base=SteppedTask, autoretry_for=())
def process_submissions(clinic):
    """Take in what has come to a clinic and is due."""
    if understanding.process_due_submissions(clinic) == understanding.AT_ONCE:
        process_submissions.delay(str(clinic.pk))


@shared_task(base=ClinicTask)
def confirm_inquiry(clinic, event_id):
    """Tell the person of an inquiry that it has arrived, if its form says so."""
    confirming.confirm_inquiry(AuditLog.objects.get(pk=event_id).resource_id)


@shared_task
def process_waiting_submissions():
    """Every 15 seconds: wake what no worker has taken in, because it died or the broker was away."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            is_waiting = LeadSubmission.objects.due(timezone.now()).exists()
        if is_waiting:
            process_submissions.delay(str(clinic.pk))


@shared_task(base=SteppedTask, autoretry_for=())
def sweep_duplicates(clinic):
    """Look for duplicates among the leads of a clinic that changed."""
    sweeping.sweep_duplicates(clinic)


@shared_task
def sweep_all_duplicates():
    """Nightly: wake the look for duplicates in every clinic."""
    for clinic in Clinic.objects.filter(is_active=True):
        sweep_duplicates.delay(str(clinic.pk))


@shared_task(base=SteppedTask, autoretry_for=())
def catch_up_leads(clinic):
    """Look through the lead forms that a clinic has connected for what nobody told us of."""
    catching_up.catch_up_meta(clinic)


@shared_task
def catch_up_everywhere():
    """Nightly: let each clinic catch up with its lead forms."""
    for clinic in Clinic.objects.filter(is_active=True):
        catch_up_leads.delay(str(clinic.pk))


@shared_task
def purge_deleted_documents():
    """Nightly: remove the files of documents that were deleted more than a week ago."""
    for clinic in Clinic.objects.filter(is_active=True):
        purged = documents.AT_ONCE
        while purged == documents.AT_ONCE:
            with clinic_scope(clinic):
                purged = documents.purge_documents(now=timezone.now())


@shared_task(base=ClinicTask)
def purge_what_is_old(clinic):
    """Begin to remove what is older than a clinic keeps it."""
    with translation.override(clinic.language):
        start_purge(clinic)


@shared_task
def purge_everywhere():
    """Nightly: let each clinic remove what is older than it is kept."""
    for clinic in Clinic.objects.filter(is_active=True):
        purge_what_is_old.delay(str(clinic.pk))


@shared_task
def remove_old_exports():
    """Nightly: take away the files of leads that were made more than a week ago."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            exporting.remove_old_exports()


@shared_task(base=SteppedTask, autoretry_for=())
def keep_figures(clinic):
    """Make the figures anew of leads of which something was written, a batch a transaction; open reports hear of it.

    Where another worker is at it already, this one is free for something else.
    """
    done = AT_ONCE
    while done:
        began = time.monotonic()
        with clinic_scope(clinic):
            done = bring_up_to_date(batches=1, waits=False)
            if done:
                publish(TOPIC)
        if done >= AT_ONCE // 2:
            note_pace(clinic, done, time.monotonic() - began)


@shared_task
def keep_all_figures():
    """Every minute: wake the clinics in which something was written that figures ask about."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            is_waiting = count_waiting(1)
        if is_waiting:
            keep_figures.delay(str(clinic.pk))


@shared_task
def fold_all_tallies():
    """Every ten minutes: add up what the tallies of leads have grown by."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            fold_tallies()


@shared_task(base=SteppedTask, autoretry_for=())
def ring_clocks(clinic):
    """Do what is due about new leads of a clinic that nobody has called yet."""
    speed_watch.ring_due_clocks(clinic)


@shared_task
def ring_due_clocks():
    """Every 15 seconds: wake the clinics in which a speed-to-lead clock has come to its next moment."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            is_due = LeadClock.objects.ringing(timezone.now()).exists()
        if is_due:
            ring_clocks.delay(str(clinic.pk))


@shared_task(base=SteppedTask, autoretry_for=())
def mend_ownerless_leads(clinic):
    """Give each open lead of a clinic that has no coordinator one."""
    mending.mend_ownerless_leads(clinic)


@shared_task
def mend_all_ownerless_leads():
    """Nightly: wake the look for open leads without a coordinator in every clinic."""
    for clinic in Clinic.objects.filter(is_active=True):
        mend_ownerless_leads.delay(str(clinic.pk))


@shared_task(base=ClinicTask)
def settle_leaver(clinic, event_id):
    """Give what somebody has left behind, who may own leads no more, to others."""
    member = ClinicUser.objects.filter(pk=AuditLog.objects.get(pk=event_id).resource_id).first()
    if member is not None:
        leaving.settle_leaver(clinic, member)


@shared_task(base=ClinicTask)
def follow_appointment(clinic, event_id):
    """Let the card of a lead follow what has become of an appointment, or say that the two disagree."""
    disagreements.follow_appointment(AuditLog.objects.get(pk=event_id).resource_id)


@shared_task(base=SteppedTask, autoretry_for=())
def compare_leads(clinic):
    """Look where cards and schedule of a clinic disagree: cards that were moved, and appointments that are over."""
    disagreements.compare_due_leads(clinic)


@shared_task
def compare_all_leads():
    """Every minute: wake the comparison of cards and schedule in every clinic."""
    for clinic in Clinic.objects.filter(is_active=True):
        compare_leads.delay(str(clinic.pk))


@shared_task(base=SteppedTask, autoretry_for=())
def send_reports(clinic):
    """Send the reports of a clinic that are due, one after the other."""
    now = timezone.now()
    for claim in (report_mail.claim_due, report_mail.claim_retry):
        while True:
            with clinic_scope(clinic):
                claimed = claim(now)
            if claimed is None:
                break
            if claimed:
                with clinic_scope(clinic):
                    report_mail.deliver(claimed)
    with clinic_scope(clinic):
        report_mail.give_up_silent(now)


@shared_task
def send_due_reports():
    """Every two minutes: wake the clinics in which a report is due."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            now = timezone.now()
            is_due = ReportSubscription.objects.due(now).exists() or ReportDelivery.objects.to_retry(now).exists()
        if is_due:
            send_reports.delay(str(clinic.pk))


@shared_task(base=ClinicTask)
def close_months(clinic):
    """Keep what the leads of the months that are over had come to."""
    month_closing.close_months()


@shared_task
def close_all_months():
    """Nightly: let every clinic close the months that are over."""
    for clinic in Clinic.objects.filter(is_active=True):
        close_months.delay(str(clinic.pk))


@shared_task(base=ClinicTask)
def notice_follow_up(clinic, event_id):
    """Plan what the follow-up rules do about an event."""
    with translation.override(clinic.language):
        notice_event(AuditLog.objects.get(pk=event_id))


@shared_task(base=SteppedTask, autoretry_for=())
def run_follow_ups(clinic):
    """Act on what follow-up rules have planned and is due, a transaction each."""
    is_left = True
    while is_left:
        with clinic_scope(clinic):
            is_left = run_next(timezone.now()) is not None


@shared_task
def run_due_follow_ups():
    """Every half minute: wake what rules have planned and is due by now, or was left by a worker that died."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            is_waiting = FollowUpRun.objects.due(timezone.now()).exists()
        if is_waiting:
            run_follow_ups.delay(str(clinic.pk))


@shared_task(base=ClinicTask)
def notice_passing_time(clinic):
    """Plan what the follow-up rules do about leads that stand still, and tell of tasks that stay undone."""
    with translation.override(clinic.language):
        notice_time(timezone.now())
    escalate_overdue_tasks(clinic, timezone.now())


@shared_task
def notice_time_everywhere():
    """Every five minutes: let each clinic look whose time has passed."""
    for clinic in Clinic.objects.filter(is_active=True):
        notice_passing_time.delay(str(clinic.pk))


@shared_task(base=ClinicTask)
def remind_of_due_tasks(clinic):
    """Remind people of their tasks."""
    remind_of_tasks(timezone.now())


@shared_task
def remind_everywhere():
    """Every minute: wake the reminders that are due."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            is_due = LeadTask.objects.to_remind(timezone.now()).exists()
        if is_due:
            remind_of_due_tasks.delay(str(clinic.pk))
