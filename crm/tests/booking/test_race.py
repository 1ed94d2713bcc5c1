"""A hundred visitors send the same time at the same moment: one has it, the others see the next with all they typed."""

import threading
from collections import Counter

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, LocationFactory
from conftest import Browser
from crm.models import LeadForm, LeadSubmission
from crm.presets import load_preset
from crm.tests.factories import LeadFormFactory
from patients.models import Appointment
from patients.tests.conftest import at
from patients.tests.factories import AppointmentTypeFactory, ProviderFactory, WorkingHoursFactory

VISITORS, EACH = 10, 10  # connections of one server are few, and the suite shares them


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_visitors_who_want_one_time_one_has_it(time_machine, settings):
    settings.PUBLIC_FORM_LIMITS = [1000, 1000]
    cache.clear()
    time_machine.move_to(at(7), tick=False)
    clinic = ClinicFactory()
    load_preset(clinic)
    with clinic_scope(clinic):
        place = LocationFactory()
        provider, kind = ProviderFactory(location=place), AppointmentTypeFactory(is_booked_online=True)
        WorkingHoursFactory(provider=provider, weekday=2)
        form = LeadFormFactory(use=LeadForm.Use.BOOKING, location=place, asks_consent=False)
    address = reverse("crm:booking_times", args=[form.token])
    stamps = [
        Browser().get(address, {"type": kind.pk, "provider": provider.pk}).context["stamp"] for _each in range(100)
    ]
    time_machine.move_to(at(7, 1), tick=False)
    together, codes, kept = threading.Barrier(VISITORS), [], []

    def send(stamps):
        together.wait()
        try:
            for stamp in stamps:
                name = f"Visitor {stamp[:6]}"
                sent = {"type": kind.pk, "provider": provider.pk, "slot": "2026-12-09T14:00Z", "first_name": name}
                answer = Browser().post(address, sent | {"phone": "212 555 0101", "stamp": stamp, "send": "1"})
                codes.append(answer.status_code)
                kept.append(answer.status_code == 303 or name in answer.text)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[stamps[n * EACH : (n + 1) * EACH]]) for n in range(VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with clinic_scope(clinic):
        assert Counter(codes) == {303: 1, 409: 99}
        assert (Appointment.objects.count(), LeadSubmission.objects.count(), all(kept)) == (1, 100, True)
