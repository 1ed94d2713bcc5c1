from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from clinics import jobs, reactions
from clinics.models import BackgroundJob, Clinic, Reaction
from clinics.tenancy import ClinicTask, clinic_scope


class SteppedTask(ClinicTask):
    """A task whose steps open the clinic for themselves, one transaction each."""

    in_one_transaction = False


@shared_task(base=ClinicTask)
def run_reaction(clinic, reaction_id):
    """Run one reaction to an event."""
    reactions.run_reaction(reaction_id)


@shared_task(base=SteppedTask, autoretry_for=())
def run_job(clinic, job_id):
    """Work one background job off."""
    jobs.run_job(clinic, job_id)


@shared_task
def run_due_reactions():
    """Every half minute: wake reactions that no worker has run, because it died or the broker was away."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            due = list(Reaction.objects.due(timezone.now()).values_list("pk", flat=True)[:500])
        for reaction_id in due:
            run_reaction.delay(str(clinic.pk), str(reaction_id))


@shared_task
def restart_silent_jobs():
    """Every minute: take up jobs whose worker has not been heard of for two minutes."""
    for clinic in Clinic.objects.filter(is_active=True):
        with clinic_scope(clinic):
            silent_since = timezone.now() - jobs.SILENT_AFTER
            silent = list(
                BackgroundJob.objects.unfinished().filter(heartbeat_at__lt=silent_since).values_list("pk", flat=True)
            )
        for job_id in silent:
            run_job.delay(str(clinic.pk), str(job_id))


@shared_task
def clear_ended_sessions():
    """Nightly: remove sessions that have run out."""
    call_command("clearsessions")
