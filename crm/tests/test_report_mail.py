"""Reports by e-mail: the right days, the right language, once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from clinics.tests.factories import LocationFactory
from crm import report_mail, tasks
from crm.forms.reports import SubscriptionForm
from crm.models import ReportDelivery, ReportKind, ReportSubscription
from crm.report_mail import PICTURES_OF, Every, next_due, period_of, subscribe
from crm.tests.factories import LeadFactory

SUMMER = [(3, 6, 7), (3, 7, 7), (3, 7, 2), (10, 31, 7)]  # month, day before, hour


def at(*moment):
    return timezone.make_aware(datetime(*moment))


@pytest.mark.parametrize(
    ("every", "since", "until"),
    [
        (Every.DAY, date(2026, 6, 14), date(2026, 6, 14)),
        (Every.WEEK, date(2026, 6, 8), date(2026, 6, 14)),
        (Every.MONTH, date(2026, 5, 1), date(2026, 5, 31)),
    ],
)
def test_a_report_tells_of_what_is_over(every, since, until):
    period = period_of(every, date(2026, 6, 15))

    assert (period.since, period.until) == (since, until)


def test_the_next_report_goes_at_its_hour_of_its_day(clinic):
    friday = at(2026, 6, 12, 8)

    assert next_due(Every.DAY, 7, friday) == at(2026, 6, 13, 7)
    assert next_due(Every.WEEK, 7, friday) == at(2026, 6, 15, 7)
    assert next_due(Every.MONTH, 7, friday) == at(2026, 7, 1, 7)


@pytest.fixture
def due(clinic, owner):
    owner.user.language = "es"
    owner.user.save()
    LeadFactory(captured_at=timezone.now() - timedelta(days=1))
    subscription = subscribe(ReportKind.DAILY, member=owner, every=Every.DAY, by=owner)
    ReportSubscription.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    return subscription


def test_a_due_report_is_sent_once_in_the_language_of_its_receiver(due, clinic):
    for _each in range(2):
        tasks.send_reports(str(clinic.pk))
    ReportSubscription.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    tasks.send_reports(str(clinic.pk))

    [letter] = mail.outbox
    assert "Prospectos nuevos" in letter.body
    assert ReportDelivery.objects.get().status == "SENT"


def test_a_worker_that_dies_before_the_mail_sends_nothing_twice(due, clinic, monkeypatch):
    def die(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(report_mail, "mail_report", die)
    with pytest.raises(KeyboardInterrupt):
        tasks.send_reports(str(clinic.pk))
    monkeypatch.undo()
    ReportDelivery.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    tasks.send_reports(str(clinic.pk))

    assert mail.outbox == []
    assert ReportDelivery.objects.get().status == "UNKNOWN"


def test_whoever_may_see_no_figures_any_more_gets_none(due, clinic, owner):
    owner.role = "FRONT_DESK"
    owner.save()

    tasks.send_reports(str(clinic.pk))

    assert (mail.outbox, ReportDelivery.objects.get().status) == ([], "FAILED")


@pytest.mark.parametrize("kind", list(PICTURES_OF))
def test_every_report_can_be_looked_at(client_of, clinic, doctor, kind):
    answer = client_of(doctor).get("/analytics/reports/preview/", {"kind": kind})

    assert str(kind.label) in answer.content.decode()


@pytest.mark.parametrize(
    ("kind", "every", "usual"),
    [("DAILY", "", "DAY"), ("FUNNEL", "", "MONTH"), ("ROI", "", "MONTH"), ("ROI", "WEEK", "WEEK")],
)
def test_a_report_goes_as_usual_where_nobody_says_how_often(clinic, owner, kind, every, usual):
    form = SubscriptionForm(
        {"kind": kind, "every": every, "hour": 7, "member": owner.pk}, member=owner, may_choose=True
    )

    assert form.is_valid() and form.cleaned_data["every"] == usual


def test_a_report_that_names_its_days_goes_no_other_way(clinic, owner):
    facts = {"kind": "FUNNEL", "every": "DAY", "hour": 7, "member": owner.pk}
    form = SubscriptionForm(facts, member=owner, may_choose=True)

    assert form.errors["every"] == ["Monthly conversion funnel goes on the first of each month."]


def test_a_letter_leaves_out_columns_but_not_what_came_back_and_leads_to_the_same_figures(clinic, owner, stages):
    location = LocationFactory()
    subscription = subscribe(ReportKind.ROI, member=owner, every=Every.MONTH, location=location, by=owner)

    report_mail.mail_report(subscription, period_of(Every.MONTH, date(2026, 6, 15)))

    [letter] = mail.outbox
    [(page, _type)] = letter.alternatives
    for column in ("Per lead", "Per patient", "Collected", "Return"):
        assert f">{column}</th>" in page
    assert ">Kind</th>" not in page
    address = f"/analytics/sources/?period=own&since=2026-05-01&until=2026-05-31&location={location.pk}"
    assert address in letter.body and address.replace("&", "&amp;") in page


def test_a_report_goes_at_its_hour_by_the_clock_of_the_clinic_whatever_summer_does(clinic):
    """In Chicago summer begins on 8 March 2026, when there is no 2 o'clock, and ends on 1 November."""
    with timezone.override("America/Chicago"):
        found = [next_due(Every.DAY, hour, at(2026, month, day, 12)) for month, day, hour in SUMMER]

    assert [each.astimezone(UTC).isoformat() for each in found] == [
        "2026-03-07T13:00:00+00:00",
        "2026-03-08T12:00:00+00:00",
        "2026-03-08T08:00:00+00:00",
        "2026-11-01T13:00:00+00:00",
    ]


def test_members_have_reports_sent_and_end_them(client_of, clinic, doctor, marketer):
    browser = client_of(doctor)
    form = {"kind": "WEEKLY", "every": "WEEK", "hour": 8, "member": doctor.pk}

    browser.post("/analytics/reports/", form)
    subscription = ReportSubscription.objects.get()
    browser.post(f"/analytics/reports/{subscription.pk}/end/")

    subscription.refresh_from_db()
    assert (subscription.hour, subscription.is_active) == (8, False)
    assert browser.post("/analytics/reports/", form | {"member": marketer.pk}).status_code == 422
    assert client_of(marketer).post(f"/analytics/reports/{subscription.pk}/resume/").status_code == 404


def test_a_report_that_did_not_go_is_tried_again_and_says_why(due, clinic, owner, client_of, monkeypatch):
    def fail(*_args):
        raise ConnectionRefusedError

    monkeypatch.setattr(report_mail, "mail_report", fail)
    tasks.send_reports(str(clinic.pk))
    delivery = ReportDelivery.objects.get()
    page = client_of(owner).get("/analytics/reports/").text
    assert (delivery.status, delivery.error, delivery.attempts) == ("FAILED", "unreachable", 1)
    assert delivery.retry_at > timezone.now() and "no se pudo llegar al servidor de correo" in page

    for _each in range(6):
        ReportDelivery.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
        tasks.send_reports(str(clinic.pk))
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.retry_at, mail.outbox) == (5, None, [])

    monkeypatch.undo()
    client_of(owner).post(f"/analytics/reports/sent/{delivery.pk}/again/")
    tasks.send_reports(str(clinic.pk))
    assert (len(mail.outbox), ReportDelivery.objects.get().status) == (1, "SENT")
    assert (
        "entre los que fallaron"
        in client_of(owner).post(f"/analytics/reports/sent/{delivery.pk}/again/", follow=True).text
    )
