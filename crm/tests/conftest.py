"""Somebody in front of a public form: the form, their browser, and how they fill it in."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from conftest import Browser
from crm.tests.factories import LeadFormFactory, LeadSourceFactory, TagFactory
from crm.tests.filling_in import ANA, hidden_of


@pytest.fixture
def form(clinic):
    cache.clear()
    return LeadFormFactory(source=LeadSourceFactory(name="Landing page"), tag=TagFactory(name="Spring"))


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def send(browser, form):
    """Open the page, take a while to fill it in, and send it."""

    def send(answers=ANA, *, query="", wait=timedelta(seconds=5), **extra):
        opened = timezone.now()
        page = browser.get(form.public_path + query)
        with time_machine.travel(opened + wait):
            return browser.post(form.public_path, hidden_of(page) | answers, **extra)

    return send
