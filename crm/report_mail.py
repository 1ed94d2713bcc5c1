"""Reports by e-mail: who gets which, what stands in it, and that each goes once, whatever crashes in between.

A delivery is claimed and its subscription moved on in one transaction, before anything is sent. A worker that dies
between the claim and the mail leaves a delivery that is called "perhaps sent" and is not sent again: nobody gets the
same report twice.
"""

from datetime import datetime, time, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.text import format_lazy

from clinics.access import may
from clinics.audit import record
from clinics.background import wake_for_all
from clinics.mail import absolute, send_mail
from clinics.notifications import language_of
from crm.figures.cohort import Period, end_of_month, months_earlier
from crm.figures.keeping import bring_up_to_date
from crm.figures.pictures import PICTURES
from crm.figures.reading import Reading
from crm.figures.stats import stats_of
from crm.models import ReportDelivery, ReportKind, ReportSubscription
from crm.rules import ReportDidNotFail

Every, Status = ReportSubscription.Every, ReportDelivery.Status
SILENT_AFTER = timedelta(minutes=15)
# How long after each failed try the next one is; then it is given up until somebody presses the button.
TRIED_AGAIN_AFTER = [timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6)]
NOT_ALLOWED, REFUSED, UNREACHABLE = "not allowed", "refused", "unreachable"
PICTURES_OF = {
    ReportKind.DAILY: ("funnel", "mix", "workload"),
    ReportKind.WEEKLY: ("funnel", "mix", "coordinators", "shows", "lost"),
    ReportKind.FUNNEL: ("funnel", "monthly-rate", "stays", "time-to-convert", "acceptance"),
    ReportKind.SOURCES: ("sources", "mix"),
    ReportKind.COORDINATORS: ("coordinators", "workload", "response", "shows-by-coordinator"),
    ReportKind.LOST: ("lost", "lost-by-stage", "lost-by-source", "lost-by-coordinator"),
    ReportKind.ROI: ("sources", "campaigns", "attribution", "money", "late"),
}
USUALLY = {ReportKind.DAILY: Every.DAY, ReportKind.WEEKLY: Every.WEEK}
# Where the figures of a report stand in the product; the overview where nothing is said.
PAGE_OF = {
    ReportKind.SOURCES: "crm:analytics_sources",
    ReportKind.ROI: "crm:analytics_sources",
    ReportKind.COORDINATORS: "crm:analytics_coordinators",
    ReportKind.LOST: "crm:analytics_lost",
}


def period_of(every, day):
    """The days that a report of this rhythm tells of when it goes on `day`: yesterday, last week, last month."""
    if every == Every.DAY:
        return Period(day - timedelta(days=1), day - timedelta(days=1))
    if every == Every.WEEK:
        monday = day - timedelta(days=day.weekday() + 7)
        return Period(monday, monday + timedelta(days=6))
    last = months_earlier(day, 1)
    return Period(last, end_of_month(last))


def next_due(every, hour, after):
    """The next moment after `after` at which a report of this rhythm goes, by the clock at hand."""
    day = timezone.localtime(after).date()
    for ahead in range(0, 63):
        candidate = day + timedelta(days=ahead)
        if (every == Every.WEEK and candidate.weekday() != 0) or (every == Every.MONTH and candidate.day != 1):
            continue
        moment = timezone.make_aware(datetime.combine(candidate, time(hour)))
        if moment > after:
            return moment
    raise ValueError(every)


@transaction.atomic
def subscribe(kind, *, member, every, hour=7, location=None, by):
    """Have a report sent to a member; the same again changes its hour. Returns the ReportSubscription.

    Records "crm.report.subscribed".
    """
    subscription, _is_new = ReportSubscription.objects.update_or_create(
        kind=kind,
        every=every,
        member=member,
        location=location,
        defaults={"hour": hour, "is_active": True, "due_at": next_due(every, hour, timezone.now())},
    )
    record("crm.report.subscribed", subscription, by=by, after={"kind": kind, "member": str(member.pk)})
    return subscription


@transaction.atomic
def unsubscribe(subscription, *, by):
    """Send this report no more; it can be taken up again. Records "crm.report.unsubscribed"."""
    subscription = ReportSubscription.objects.select_for_update().get(pk=subscription.pk)
    subscription.is_active = False
    subscription.save(update_fields=["is_active", "updated_at"])
    record("crm.report.unsubscribed", subscription, by=by)
    return subscription


@transaction.atomic
def resubscribe(subscription, *, by):
    """Take a report up again that was sent no more. Records "crm.report.subscribed"."""
    subscription = ReportSubscription.objects.select_for_update().get(pk=subscription.pk)
    subscription.is_active = True
    subscription.due_at = next_due(subscription.every, subscription.hour, timezone.now())
    subscription.save(update_fields=["is_active", "due_at", "updated_at"])
    record("crm.report.subscribed", subscription, by=by, after={"kind": subscription.kind})
    return subscription


def claim_due(now):
    """Claim one report of the open clinic that is due, and move its subscription on; None if nothing is due."""
    with transaction.atomic():
        rows = ReportSubscription.objects.due(now).select_for_update(of=("self",), skip_locked=True)
        subscription = rows.select_related("member__user", "clinic", "location").order_by("due_at").first()
        if subscription is None:
            return None
        period = period_of(subscription.every, timezone.localtime(subscription.due_at).date())
        subscription.due_at = next_due(subscription.every, subscription.hour, now)
        subscription.save(update_fields=["due_at", "updated_at"])
        delivery, is_new = ReportDelivery.objects.get_or_create(
            subscription=subscription, since=period.since, until=period.until, defaults={"claimed_at": now}
        )
        return delivery if is_new else False


@transaction.atomic
def claim_retry(now):
    """Claim one failed report of the open clinic whose next try has come; None if there is none."""
    rows = ReportDelivery.objects.to_retry(now).select_for_update(of=("self",), skip_locked=True)
    delivery = rows.select_related("subscription__member__user", "subscription__clinic").order_by("retry_at").first()
    if delivery is not None:
        delivery.status, delivery.claimed_at, delivery.retry_at = Status.CLAIMED, now, None
        delivery.attempts += 1
        delivery.save(update_fields=["status", "claimed_at", "retry_at", "attempts", "updated_at"])
    return delivery


@transaction.atomic
def retry_now(delivery, *, by):
    """Let a failed report go once more, at once, with its tries counted anew; returns it.

    Records "crm.report.retried". Raises ReportDidNotFail.
    """
    delivery = ReportDelivery.objects.for_page().select_for_update(of=("self",)).get(pk=delivery.pk)
    if delivery.status != Status.FAILED:
        raise ReportDidNotFail
    delivery.retry_at, delivery.attempts = timezone.now(), 0
    delivery.save(update_fields=["retry_at", "attempts", "updated_at"])
    record("crm.report.retried", delivery, by=by)
    wake_for_all("crm.tasks.send_reports")
    return delivery


def deliver(delivery):
    """Send a claimed report, unless its receiver may see no figures any more; the delivery says what came of it."""
    subscription = delivery.subscription
    if not may(subscription.member, "lead:analytics"):
        return _end(delivery, Status.FAILED, NOT_ALLOWED)
    bring_up_to_date()
    try:
        mail_report(subscription, Period(delivery.since, delivery.until))
    except (SMTPException, OSError) as problem:
        is_answer = isinstance(problem, SMTPResponseException | SMTPRecipientsRefused)
        return _end(delivery, Status.FAILED, REFUSED if is_answer else UNREACHABLE)
    return _end(delivery, Status.SENT)


def _end(delivery, status, error=""):
    delivery.status, delivery.error = status, error
    delivery.sent_at = timezone.now() if status == Status.SENT else None
    tries = delivery.attempts
    goes_again = status == Status.FAILED and error != NOT_ALLOWED and 0 < tries <= len(TRIED_AGAIN_AFTER)
    delivery.retry_at = timezone.now() + TRIED_AGAIN_AFTER[tries - 1] if goes_again else None
    delivery.save(update_fields=["status", "error", "sent_at", "retry_at", "updated_at"])
    return delivery


def give_up_silent(now):
    """Call what was claimed and never heard of again "perhaps sent"."""
    silent = ReportDelivery.objects.filter(status=Status.CLAIMED, claimed_at__lt=now - SILENT_AFTER)
    silent.update(status=Status.UNKNOWN)


def mail_report(subscription, period):
    """Write a report to its receiver, in their language. Raises SMTPException or OSError."""
    member, language = subscription.member, language_of(subscription.member)
    with translation.override(language):
        report = report_of(subscription.kind, period, subscription.location)
        span = f"{date_format(period.since, 'SHORT_DATE_FORMAT')} – {date_format(period.until, 'SHORT_DATE_FORMAT')}"
        send_mail(
            "report",
            member.user.email,
            subject=format_lazy(
                "{clinic}: {report}, {span}", clinic=subscription.clinic.name, report=report["title"], span=span
            ),
            language=language,
            clinic_name=subscription.clinic.name,
            span=span,
            report=report,
            button_url=absolute(_address_of(subscription, period)),
            button_label=translation.gettext("Open the report"),
            preferences_url=absolute(reverse("crm:report_list")),
        )


def _address_of(subscription, period):
    """Where the receiver sees the same figures."""
    asked = {"period": "own", "since": period.since, "until": period.until}
    if subscription.location_id:
        asked["location"] = subscription.location_id
    return f"{reverse(PAGE_OF.get(subscription.kind, 'crm:analytics'))}?{urlencode(asked)}"


def report_of(kind, period, location=None):
    """What stands in a report: its title, key figures and tables, in the language at hand."""
    if location is not None:
        period = Period(period.since, period.until, locations=(location.pk,))
    reading = Reading(period, compared=period.before)
    pictures = [PICTURES[key](reading) for key in PICTURES_OF[kind]]
    return {
        "title": str(ReportKind(kind).label),
        "location": location,
        "stats": stats_of(reading),
        "pictures": [(picture.question, picture.answer, picture.sheet.narrow_table()) for picture in pictures],
    }
