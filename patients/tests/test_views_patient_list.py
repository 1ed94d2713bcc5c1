import pytest
from django.urls import reverse

from clinics import exporting
from clinics.jobs import run_job
from clinics.models import BackgroundJob, SavedView
from clinics.saved_views import open_with_view, save_view
from patients.list_columns import PATIENTS
from patients.models import Patient, PatientAct
from patients.patient_order import SORTS
from patients.tagging import tag_patient
from patients.tests.conftest import toast_in
from patients.tests.factories import AppointmentFactory, PatientConsentFactory, PatientFactory, TagFactory

LIST = "/patients/"


def names(response):
    return [row.patient.first_name for row in response.context["rows"]]


@pytest.mark.parametrize("sort", [order + name for name in SORTS for order in ("", "-")])
def test_patient_list_sorts_by_every_column_over_pages(client_of, viewer, location, provider, sort):
    PatientFactory(first_name="Full", location=location, provider=provider, churn_risk_score=0.5, visit_count=3)
    AppointmentFactory(patient=PatientFactory(first_name="Booked", email=""))
    PatientFactory(first_name="Bare", contact_priority="RED")

    client = client_of(viewer)
    assert sorted(names(client.get(f"{LIST}?sort={sort}"))) == ["Bare", "Booked", "Full"]


def test_patient_list_is_narrowed_by_tag_and_consent_and_silence(client_of, viewer, coordinator):
    tag = TagFactory(name="VIP")
    tag_patient(PatientFactory(first_name="Tagged"), tag, by=coordinator)
    PatientConsentFactory(patient=PatientFactory(first_name="Agrees"))
    PatientFactory(first_name="Silent", do_not_contact=True)
    client = client_of(viewer)

    assert names(client.get(f"{LIST}?tag={tag.pk}")) == ["Tagged"]
    assert names(client.get(f"{LIST}?consent=SMS:yes")) == ["Agrees"]
    assert sorted(names(client.get(f"{LIST}?consent=SMS:open"))) == ["Silent", "Tagged"]
    assert names(client.get(f"{LIST}?silent=on")) == ["Silent"]


def test_patient_list_shows_the_columns_that_its_reader_chose(client_of, viewer, owner):
    PatientFactory(city="Girona")
    sent = {"shown": ["city", "due"], "order": ["due", "city"], "size": "25", "back": f"{LIST}?q=a"}

    assert client_of(viewer).post(reverse("patients:patient_columns"), sent).url == f"{LIST}?q=a"
    response = client_of(viewer).get(LIST)
    assert [column.key for column in response.context["columns"]] == ["name", "due", "city"]
    assert "Girona" in response.content.decode()
    usual = [column.key for column in client_of(owner).get(LIST).context["columns"]]
    assert usual == ["name", *PATIENTS.usual]


def test_patient_list_opens_with_the_view_of_ones_own(client_of, viewer, coordinator):
    view = save_view(SavedView.Layout.PATIENTS, "Dormant", "segment=DORMANT", is_shared=True, by=coordinator)
    open_with_view(view, by=viewer, is_default=True)

    response = client_of(viewer).get(LIST)
    assert response.url == f"{LIST}?view={view.pk}&segment=DORMANT"
    assert "Dormant" in client_of(viewer).get(response.url).content.decode()


def test_patient_bulk_run_reports_in_a_toast_that_takes_it_back(htmx_of, coordinator):
    patient = PatientFactory()
    address = reverse("patients:patient_bulk_run", args=["silence"])

    response = htmx_of(coordinator).post(address, {"patient": patient.pk, "key": "one press"})
    assert "patients-changed" in response["HX-Trigger"]
    assert (
        "1 left out: It was so already."
        in toast_in(htmx_of(coordinator).post(address, {"patient": patient.pk}))["message"]
    )

    htmx_of(coordinator).post(toast_in(response)["undo"])
    assert not Patient.objects.get().do_not_contact


def test_patient_bulk_run_asks_for_the_permission_of_each_act(htmx_of, receptionist, viewer):
    patient = PatientFactory()
    sent, all_sent = {"patient": patient.pk}, {"whole": "1", "query": ""}

    def answer(member, act, posted):
        return htmx_of(member).post(reverse("patients:patient_bulk_run", args=[act]), posted).status_code

    assert answer(viewer, "silence", sent) == 403
    assert answer(receptionist, "delete", sent) == 403
    assert answer(receptionist, "silence", all_sent) == 403
    assert answer(receptionist, "silence", sent) == 200
    assert answer(receptionist, "explode", sent) == 404
    assert answer(receptionist, "priority", sent | {"contact_priority": "PINK"}) == 422


def test_patient_bulk_pages_tell_what_became_of_each(client_of, coordinator):
    silent = PatientFactory(first_name="Zoe", do_not_contact=True)
    both = {"patient": [silent.pk, PatientFactory().pk]}
    client = client_of(coordinator)
    client.post(reverse("patients:patient_bulk_run", args=["silence"]), both)
    act = PatientAct.objects.get()

    assert "Zoe" in client.get(act.get_absolute_url()).content.decode()
    told = b"".join(client.get(reverse("patients:patient_bulk_csv", args=[act.pk])).streaming_content).decode()
    assert "It was so already." in told


def test_patient_export_of_a_long_list_is_a_job_for_whoever_asked(client_of, clinic, coordinator, owner, monkeypatch):
    monkeypatch.setattr("patients.views.patient_list.SENT_AT_ONCE", 1)
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 2)
    for number in range(3):
        PatientFactory(first_name=f"P{number}", segment="DORMANT")
    client = client_of(coordinator)

    asked = client.get(f"{reverse('patients:patient_csv')}?segment=DORMANT&sort=-name").url
    client.post(asked)
    job = BackgroundJob.objects.get()
    run_job(clinic, job.pk)
    file = b"".join(client.get(reverse("patients:patient_export_file", args=[job.pk])).streaming_content).decode()
    assert [line.split(",")[0] for line in file.split("\r\n")[1:4]] == ["P2", "P1", "P0"]
    assert client_of(owner).get(reverse("patients:patient_export_file", args=[job.pk])).status_code == 404
