import logging

import pytest

from tests.isolation import webhook_rows  # noqa: F401 - adds its makers
from tests.isolation.world import two_clinics


@pytest.fixture(autouse=True)
def silence():
    """Thousands of refusals, none of them worth a line in the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def everything_on(settings):
    """Pages that an installation may leave out are there to be walked over, and nobody walks too fast."""
    settings.STYLEGUIDE = True
    settings.API_REQUESTS_A_MINUTE = 10**6


@pytest.fixture(autouse=True)
def contexts_not_kept(monkeypatch):
    """Nobody asks what a page was drawn from: of each of its hundred parts that would be copied."""
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *arguments, **drawn: None)


@pytest.fixture
def worlds(db):
    """The clinic whose rows are asked for, and the one whose people ask."""
    return two_clinics()


@pytest.fixture
def report(record_property):
    """report(tally): hand a count to the summary at the end of the run (tests/conftest.py), then fail on findings."""

    def say(name, tally):
        record_property("isolation", f"{name}: {tally}")
        findings = tally.findings()
        assert not findings, f"{tally}\n{findings}"

    return say
