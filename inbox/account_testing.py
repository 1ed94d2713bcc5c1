"""Trying a channel account out, in the background since its carrier is asked."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.jobs import start_job
from clinics.models import BackgroundJob
from clinics.tenancy import clinic_scope
from inbox.channels.contract import NotSent, adapter_for
from inbox.models import ChannelAccount

TEST = "inbox.account_test"


@transaction.atomic
def start_test(account, *, by):
    """Begin to try an account out; returns the job. Records "inbox.account.tested"."""
    title = _("Test of %(name)s") % {"name": account.label}
    url = f"{account.get_absolute_url()}#account-test"
    record("inbox.account.tested", account, by=by)
    return start_job(TEST, title=title, by=by, parameters={"account": str(account.pk)}, result_url=url)


def run_test(clinic, job):
    """Ask the carrier, and return what was found line by line. The carrier is asked outside of any transaction."""
    with clinic_scope(clinic):
        account = ChannelAccount.objects.select_related("connection").get(pk=job.parameters["account"])
    with translation.override(clinic.language):
        try:
            checks = [vars(check) for check in adapter_for(account).check(account)]
        except NotSent as refused:
            checks = [{"text": _("The carrier accepts our access."), "passed": False, "advice": refused.detail}]
    failed = sum(not check["passed"] for check in checks)
    for check in checks:
        check.update({name: str(check[name]) for name in ("text", "advice")})
    return {"passed": len(checks) - failed, "failed": failed, "checks": checks}


def last_test(account):
    """The newest test of an account as a job, or None."""
    return BackgroundJob.objects.filter(kind=TEST, parameters__account=str(account.pk)).order_by("-id").first()
