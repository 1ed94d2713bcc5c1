"""A booking page, somebody in front of it, and how they fill it in."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from clinics.tests.factories import LocationFactory
from conftest import Browser
from crm.models import LeadForm
from crm.tests.booking.visitor import ANA, times_page
from crm.tests.factories import LeadFormFactory
from patients.models import AppointmentType
from patients.tests.conftest import NEW_YORK, at
from patients.tests.factories import ProviderFactory, WorkingHoursFactory


@pytest.fixture(autouse=True)
def now(time_machine):
    """Monday, December 7, 2026, 7 o'clock in New York, where the clinic is."""
    cache.clear()
    time_machine.move_to(at(7), tick=False)
    with timezone.override(NEW_YORK):
        yield


@pytest.fixture
def location(clinic):
    return LocationFactory(name="Downtown", phone_number="+13125550199")


@pytest.fixture
def provider(location):
    provider = ProviderFactory(name="Dr. Amara Nwosu", location=location)
    for day in range(5):
        WorkingHoursFactory(provider=provider, weekday=day, opens_at="08:00", closes_at="12:00")
    return provider


@pytest.fixture
def form(clinic, location, provider):
    form = LeadFormFactory(use=LeadForm.Use.BOOKING, location=location, asks_consent=False)
    form.fields = [each | {"required": False} for each in form.fields]
    form.save()
    return form


@pytest.fixture
def consultation(clinic):
    return AppointmentType.objects.get(name="Consultation")


@pytest.fixture
def book(form, provider, consultation):
    """Open the times of the consultation, take a while, and send one with what was typed."""

    def book(answers=ANA, *, browser=None, page=None, wait=5, **extra):
        browser = browser or Browser()
        address = reverse("crm:booking_times", args=[form.token])
        page = page or times_page(browser, form, consultation, provider)
        sent = {"type": consultation.pk, "provider": provider.pk, "stamp": page.context["stamp"], "lang": "en"}
        with time_machine.travel(timezone.now() + timedelta(seconds=wait), tick=False):
            return browser.post(address, sent | {"send": "1"} | answers, **extra)

    return book
