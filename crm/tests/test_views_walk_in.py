from datetime import timedelta

import time_machine
from django.urls import reverse
from django.utils import timezone

from conftest import last_audit, next_door
from crm.models import LeadForm, LeadSubmission
from crm.tests.factories import LeadFormFactory
from crm.understanding import process_submission


def test_walk_in_start_signs_out_and_leaves_nothing_but_the_form(client_of, receptionist):
    form = LeadForm.objects.for_tablets().get()
    client = client_of(receptionist)

    answer = client.post(reverse("crm:walk_in_start", args=[form.pk]))

    assert answer["Location"] == form.public_path
    assert client.get(reverse("crm:board")).status_code == 302
    page = client.get(form.public_path)
    assert page.status_code == 200
    assert 'autocomplete="given-name"' not in page.content.decode()
    assert last_audit(form).action == "crm.form.put_on_tablet"


def test_one_person_after_another_fills_it_in(client_of, receptionist, coordinator, settings):
    settings.PUBLIC_FORM_LIMITS = [1, 100]
    form = LeadForm.objects.for_tablets().get()
    client = client_of(receptionist)
    client.post(reverse("crm:walk_in_start", args=[form.pk]))

    for name, phone in [("Ana", "2125550101"), ("Eva", "2125550102")]:
        page = client.get(form.public_path)
        assert "Ana" not in page.content.decode()
        with time_machine.travel(timezone.now() + timedelta(seconds=5)):
            sent = {"stamp": page.context["stamp"], "first_name": name, "phone": phone, "consent": "on"}
            thanks = client.post(form.public_path, sent, follow=True)

    assert f'content="15; url={form.public_path}"' in thanks.content.decode()
    done = [process_submission(each) for each in LeadSubmission.objects.order_by("received_at")]
    assert [(each.channel, each.lead.first_name, each.lead.source.name) for each in done] == [
        ("WALK_IN", "Ana", "Walk-in"),
        ("WALK_IN", "Eva", "Walk-in"),
    ]


def test_walk_in_start_knows_no_other_form(client_of, receptionist, other_clinic):
    closed = LeadFormFactory(use="WALK_IN", is_active=False)
    web = LeadFormFactory()
    with next_door(other_clinic):
        foreign = LeadForm.objects.for_tablets().get()
    client = client_of(receptionist)

    for form in (closed, web, foreign):
        assert client.post(reverse("crm:walk_in_start", args=[form.pk])).status_code == 404
    assert client.get(reverse("crm:walk_in")).status_code == 200
