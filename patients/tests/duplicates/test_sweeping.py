from datetime import date

from django.urls import reverse

from patients.duplicates.indexing import index_patient
from patients.duplicates.reviewing import dismiss_pair, next_open, reopen_pair
from patients.duplicates.sweeping import sweep_duplicates
from patients.editing import edit_patient
from patients.models import PatientMerge, PatientPair
from patients.tests.factories import PatientFactory


def enter(first_name, last_name="Kowalczyk", **facts):
    patient = PatientFactory(first_name=first_name, last_name=last_name, **facts)
    index_patient(patient)
    return patient


def pairs():
    return [sorted((pair.one.first_name, pair.other.first_name)) for pair in PatientPair.objects.open().for_list()]


def test_sweep_finds_one_person_written_twice_and_no_family(clinic, coordinator):
    born = {"date_of_birth": date(1988, 4, 12)}
    enter("Magdalena", phone="+13125550901", **born)
    enter("Magdalena", "Kowalczik", phone="+13125550902", **born)
    for name in ("Jonas", "Petra"):  # siblings share all there is to reach them by
        enter(name, "Ferreira", phone="+13125550903", email="home@example.com")

    assert sweep_duplicates(clinic) == {"looked_at": 4, "found": 1}
    assert pairs() == [["Magdalena", "Magdalena"]]


def test_sweep_remembers_that_two_are_two_until_one_of_them_changes(clinic, coordinator):
    born = {"date_of_birth": date(1988, 4, 12)}
    one, _other = enter("Magdalena", **born), enter("Magdalena", "Kowalczik", **born)
    sweep_duplicates(clinic)
    dismiss_pair(next_open(), by=coordinator)
    one.refresh_from_db()
    one.save()

    sweep_duplicates(clinic)
    assert next_open() is None
    edit_patient(one, {"phone": "+13125550999"}, version=one.version, by=coordinator)
    sweep_duplicates(clinic)
    assert pairs() == [["Magdalena", "Magdalena"]]
    assert reopen_pair(dismiss_pair(next_open(), by=coordinator), by=coordinator).status == "OPEN"


def test_patient_pair_pages_merge_field_by_field_and_undo(client_of, clinic, coordinator, receptionist, stranger):
    born = {"date_of_birth": date(1988, 4, 12)}
    one, other = enter("Magdalena", **born), enter("Magda", notes="Afraid of needles", **born)
    client = client_of(coordinator)
    client.post(reverse("patients:patient_merge", args=[one.pk]), {"other": other.pk})
    pair = PatientPair.objects.get()

    assert "Afraid of needles" in client.get(f"{pair.get_absolute_url()}?keep={one.pk}").content.decode()
    address = reverse("patients:patient_pair_merge", args=[pair.pk])
    sent = {"keep": str(one.pk), "versions": "1-1", "take_first_name": "other"}
    assert client_of(receptionist).post(address, sent).status_code == 403
    assert client_of(stranger).post(address, sent).status_code == 404 or stranger.role != "CLINIC_ADMIN"
    assert client.post(address, sent | {"versions": "7-1"}).status_code == 409
    assert client.post(address, sent).url == one.get_absolute_url()
    assert client.get(other.get_absolute_url()).url == one.get_absolute_url()

    client.post(reverse("patients:patient_merge_undo", args=[PatientMerge.objects.get().pk]))
    assert client.get(other.get_absolute_url()).status_code == 200
    one.refresh_from_db()
    assert one.first_name == "Magdalena"
