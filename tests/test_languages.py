"""Pages, dates, files, mail, notices and new clinics in the language of whoever they are for."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from clinics.invitations import invite_member
from clinics.jobs import start_job
from clinics.models import Clinic, Role, StaffNotification, Tag
from clinics.notifications import Copies, notify
from clinics.templatetags import ui
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from conftest import no_clinic
from crm.assignment.giving import assign_lead
from crm.models import LeadSource, PipelineStage, TaskTemplate
from crm.presets import PRESETS, load_preset
from crm.tests.factories import LeadFactory


@pytest.fixture(autouse=True)
def english_again():
    """What a page of the test switched on does not reach the next test."""
    with translation.override("en"):
        yield


# Pages --------------------------------------------------------------------------------------------


@pytest.fixture
def spaniard(coordinator):
    """Renata, who has chosen Spanish."""
    coordinator.user.language = "es"
    coordinator.user.save()
    return coordinator


def body(response):
    assert response.status_code == 200
    return response.content.decode()


def test_login_page_speaks_the_language_of_the_browser(db):
    browser = Client(headers={"accept-language": "es-MX,es;q=0.9,en;q=0.5"})

    page = body(browser.get(reverse("account_login")))

    assert '<html lang="es"' in page
    assert "Inicie sesión en su clínica" in page
    assert "Mantener la sesión abierta en esta computadora" in page
    assert "Password" not in page


def test_login_page_speaks_english_to_a_browser_that_speaks_neither(db):
    page = body(Client(headers={"accept-language": "fi"}).get(reverse("account_login")))

    assert "Sign in to the desk" in page


def test_pages_speak_the_language_of_the_person_whatever_the_browser_says(spaniard, client_of):
    browser = client_of(spaniard)
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    page = body(browser.get(reverse("crm:board")))

    assert '<html lang="es"' in page
    assert "Tablero" in page
    assert "Nuevo prospecto" in page


def test_board_hands_its_script_spanish_words(spaniard, client_of):
    LeadFactory(assigned_to=spaniard)

    page = body(client_of(spaniard).get(reverse("crm:board")))

    assert "Mover {name}" in page
    assert "{minutes} min de retraso" in page
    assert "Move {name}" not in page


def test_lead_page_is_spanish_with_its_dates_and_sums(spaniard, client_of):
    lead = LeadFactory(assigned_to=spaniard, expected_value_cents=5400_00)

    page = body(client_of(spaniard).get(lead.get_absolute_url()))

    assert "Historial" in page
    assert "Registrar llamada" in page
    assert "$5\N{NO-BREAK SPACE}400" in page
    assert "$5,400" not in page


def test_lead_list_is_spanish(spaniard, client_of):
    LeadFactory(assigned_to=spaniard)

    page = body(client_of(spaniard).get(reverse("crm:lead_list")))

    assert "Próximo paso" in page
    assert "Buscar nombre, teléfono o correo" in page


def test_lead_file_is_spanish(spaniard, client_of):
    LeadFactory(assigned_to=spaniard)

    answer = client_of(spaniard).get(reverse("crm:lead_csv"))

    assert "Nombre,Apellido,Etapa,Teléfono" in b"".join(answer.streaming_content).decode()


def test_audit_file_is_spanish(owner, client_of):
    owner.user.language = "es"
    owner.user.save()

    answer = client_of(owner).get(reverse("clinics:audit_export"))

    assert "Cuándo,Quién,Rol" in b"".join(answer.streaming_content).decode()


def test_error_page_is_spanish(spaniard, client_of):
    answer = client_of(spaniard).get("/nowhere/")

    assert answer.status_code == 404
    assert "No encontramos esta página" in answer.content.decode()


# Dates --------------------------------------------------------------------------------------------


@time_machine.travel("2026-11-24 18:00:00+00:00", tick=False)
def test_dates_are_written_as_spanish_writes_them(clinic):
    before = timezone.now() - timedelta(days=20)
    with translation.override("es"), timezone.override("UTC"):
        assert ui.short_date(before) == "4 nov"
        assert ui.short_date(before.replace(year=2024)) == "4 nov 2024"
        assert ui.exact(before) == "miércoles 4 de noviembre de 2026, 18:00"
        assert ui.short_date(timezone.now() - timedelta(days=1)) == "Ayer"
    with translation.override("en"), timezone.override("UTC"):
        assert ui.short_date(before) == "Nov 4"
        assert ui.exact(before) == "Wednesday, November 4, 2026, 6:00 PM"


# What is told to others ---------------------------------------------------------------------------


def test_invitation_is_written_in_the_language_of_the_clinic(owner, clinic, django_capture_on_commit_callbacks):
    Clinic.objects.filter(pk=clinic.pk).update(language="es")
    with django_capture_on_commit_callbacks(execute=True):
        invite_member("noor@example.com", role=Role.FRONT_DESK, location=None, by=owner)

    (message,) = mail.outbox
    assert message.subject == "Downtown Orthodontics: tiene una invitación al equipo"
    assert "con el rol Recepción" in message.body
    assert "Ver la invitación" in message.alternatives[0].content


def test_invitation_is_written_in_the_language_of_a_person_we_know(owner, django_capture_on_commit_callbacks):
    with no_clinic(), clinic_scope(ClinicFactory(name="Uptown Smiles", slug="uptown")):
        ClinicUserFactory(user__email="noor@example.com", user__language="es")
    with django_capture_on_commit_callbacks(execute=True):
        invite_member("noor@example.com", role=Role.VIEWER, location=None, by=owner)

    (message,) = mail.outbox
    assert "tiene una invitación" in message.subject


def test_copy_of_a_notice_is_written_in_the_language_of_its_receiver(spaniard, django_capture_on_commit_callbacks):
    spaniard.notification_preferences = {"email": Copies.ALWAYS}
    spaniard.save()
    with django_capture_on_commit_callbacks(execute=True):
        notify(spaniard, "job", "Importación: lista")

    (message,) = mail.outbox
    assert "algo le espera" in message.subject


def test_password_link_is_written_in_the_language_it_was_asked_in(owner, django_capture_on_commit_callbacks):
    browser = Client(headers={"accept-language": "es"})
    with django_capture_on_commit_callbacks(execute=True), no_clinic():
        browser.post(reverse("account_reset_password"), {"email": owner.user.email})

    (message,) = mail.outbox
    assert message.subject == "Establecer una contraseña nueva"


def test_notice_of_a_new_lead_is_in_the_language_of_its_coordinator(owner, spaniard):
    lead = LeadFactory(assigned_to=owner)

    with translation.override("en"):
        assign_lead(lead, spaniard, by=owner)

    assert "ahora está a su cargo" in StaffNotification.objects.of(spaniard).get().text


def test_job_speaks_the_language_of_whoever_started_it(spaniard, settings, django_capture_on_commit_callbacks):
    settings.JOBS = f"{__name__}.JOBS"
    with django_capture_on_commit_callbacks(execute=True):
        job = start_job("greet", title="Saludo", by=spaniard)

    job.refresh_from_db()
    assert job.result == {"language": "es"}
    assert StaffNotification.objects.of(spaniard).get().text == "Saludo: listo"


def greet(clinic, job):
    return {"language": translation.get_language()}


JOBS = {"greet": f"{__name__}.greet"}


# What a new clinic starts with --------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_is_named_in_the_language_of_the_clinic(db, preset):
    spanish, english = (ClinicFactory(preset=preset, language=language) for language in ("es", "en"))
    names, slugs = {}, {}
    for clinic in (spanish, english):
        load_preset(clinic)
        with clinic_scope(clinic):
            slugs[clinic] = list(PipelineStage.objects.in_order().values_list("slug", flat=True))
            names[clinic] = {
                *PipelineStage.objects.values_list("name", flat=True),
                *LeadSource.objects.values_list("name", flat=True),
                *Tag.objects.values_list("name", flat=True),
                *TaskTemplate.objects.values_list("title", flat=True),
            }

    assert slugs[spanish] == slugs[english]
    assert names[spanish] & names[english] <= {"Google Ads", "Meta Ads", "Instagram", "Botox", "Prenatal"}
    assert "Primera llamada" in names[spanish]


def test_preset_loaded_twice_brings_nothing_new(db):
    clinic = ClinicFactory(language="es")
    load_preset(clinic)
    with clinic_scope(clinic):
        before = [m.objects.count() for m in (PipelineStage, LeadSource, Tag, TaskTemplate)]
    load_preset(clinic)

    with clinic_scope(clinic):
        assert [m.objects.count() for m in (PipelineStage, LeadSource, Tag, TaskTemplate)] == before
