"""The cast's clinic is the one that opening a clinic makes, row for row."""

from clinics.public_tokens import clinic_of
from clinics.tests.factories import ClinicFactory
from clinics.wall import clinic_links, clinic_models
from conftest import next_door
from crm.models import LeadForm, PipelineStage
from crm.presets import load_preset
from tests.remembered_preset import give_preset

CHANGING = {"id", "clinic", "clinic_id", "token", "active_since"}


def rows_of(clinic, model):
    with next_door(clinic):
        links = {link.name for link in clinic_links(model)}
        fields = [field.name for field in model._meta.concrete_fields if field.name not in CHANGING | links]
        return [
            {name: getattr(row, name) for name in fields if not name.endswith("_at")}
            | {link: str(getattr(row, link)) for link in sorted(links)}
            for row in model.objects.order_by("pk")
        ]


def test_a_remembered_preset_is_the_one_that_is_loaded(db):
    made, remembered = ClinicFactory(), ClinicFactory()
    load_preset(made)
    give_preset(ClinicFactory())
    give_preset(remembered)

    for model in clinic_models():
        assert rows_of(remembered, model) == rows_of(made, model), model
    assert rows_of(remembered, PipelineStage)


def test_each_clinic_has_rows_tokens_and_times_of_its_own(db):
    clinics = [ClinicFactory() for _ in range(3)]
    found = []
    for clinic in clinics:
        give_preset(clinic)
        with next_door(clinic):
            forms, first = list(LeadForm.objects.all()), PipelineStage.objects.earliest("order")
        assert {clinic_of(form.token) for form in forms} == {clinic.pk}
        assert first.created_at > clinic.created_at
        found += [form.token for form in forms] + [first.pk]

    assert len(set(found)) == len(found)
