from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from clinics.models import Clinic, StaffNotification
from conftest import last_audit
from crm import inquiries, understanding
from crm.models import Lead, LeadSubmission
from crm.rules import NotAnInquiry
from crm.submissions import write_submission
from crm.tests.factories import TagFactory
from crm.understanding import PAUSES, process_due_submissions, process_submission

Channel, Status, Reason = LeadSubmission.Channel, LeadSubmission.Status, LeadSubmission.Reason
ANA = {"first_name": "Ana", "last_name": "Vega", "phone": "(212) 555-0101"}


@pytest.fixture
def take_in(clinic, coordinator):
    def take_in(payload, **context):
        return process_submission(write_submission(Channel.API, payload, context=context))

    return take_in


def test_an_inquiry_becomes_a_lead_with_touch_words_tags_and_a_notice(take_in, coordinator):
    tag = TagFactory(name="Spring")
    came = {"notes": "Evenings, please", "utm_source": "google", "gclid": "G1", "utm_campaign": "Spring"}

    done = take_in(ANA | came | {"treatment_interest": ["RETAINER"], "source": "google search"}, tags=[tag])

    lead = done.lead
    touch, activity = lead.touchpoints.get(), lead.activities.get(type="FORM_SUBMIT")
    assert (done.status, done.outcome) == (Status.PROCESSED, LeadSubmission.Outcome.NEW_LEAD)
    assert (lead.phone_e164, lead.treatment_interest, lead.assigned_to) == ("+12125550101", ["RETAINER"], coordinator)
    assert (lead.ad_platform, lead.source_campaign, lead.source.name) == ("Google", "Spring", "Google search")
    assert (touch.utm_source, touch.gclid, touch.source) == ("google", "G1", lead.source)
    assert (activity.notes, activity.payload["submission"]) == ("Evenings, please", str(done.pk))
    assert [link.tag for link in lead.tag_links.all()] == [tag]
    assert [each.text for each in StaffNotification.objects.of(coordinator)] == ["New lead: Ana Vega"]


def test_processing_twice_takes_in_once(take_in):
    done = take_in(ANA)

    assert process_submission(done).lead == done.lead
    assert Lead.objects.count() == 1


@pytest.mark.parametrize(
    ("payload", "reason", "words"),
    [
        ({"first_name": "Ana", "phone": "12 34"}, Reason.PHONE, "“12 34” cannot be dialed."),
        ({"first_name": "Ana", "email": "ana at home"}, Reason.REACH, "“ana at home” is no e-mail address."),
        ({"first_name": "Ana"}, Reason.REACH, "It gives neither a phone number nor an e-mail address."),
        (ANA | {"source": "Zeppelin"}, Reason.SOURCE, "It names the source “Zeppelin”"),
        (ANA | {"patient_dob": "soon"}, Reason.UNCLEAR, "“soon” value has an invalid date format."),
        (["Ana"], Reason.UNCLEAR, "Nobody can tell what this says."),
    ],
)
def test_what_cannot_be_taken_in_waits_with_its_reason(take_in, payload, reason, words):
    done = take_in(payload)

    assert (done.status, done.reason, done.error[: len(words)]) == (Status.FAILED, reason, words)
    assert Lead.objects.count() == 0


def test_a_rule_of_the_clinic_is_a_reason_too(clinic):
    done = process_submission(write_submission(Channel.WEBHOOK, ANA))

    assert (done.reason, done.error) == (Reason.RULE, "Every active lead has a coordinator. Choose one.")


@pytest.mark.parametrize("field", ["last_name", "patient_dob", "insurance_member_id", "notes"])
def test_minimal_privacy_refuses_by_name(clinic, take_in, field):
    clinic.lead_privacy = Clinic.LeadPrivacy.MINIMAL
    clinic.save()

    done = take_in({"first_name": "Ana", "phone": "2125550101", field: "2001-02-03"})

    label = str(Lead._meta.get_field(field).verbose_name)
    assert (done.reason, done.error) == (Reason.PRIVATE, f"This clinic does not keep this on leads: {label}.")


def test_a_readable_address_is_enough_beside_an_unreadable_one(take_in):
    done = take_in({"phone": "12 34", "email": "ana@example.com"})

    assert (done.lead.phone, done.lead.phone_e164, done.lead.email_norm) == ("12 34", "", "ana@example.com")


def test_phone_alone_is_enough(take_in):
    assert take_in({"phone": "212 555 0101"}).lead.phone_e164 == "+12125550101"


def test_what_is_too_long_or_unknown_is_kept_in_the_submission_and_cut_on_the_lead(take_in):
    done = take_in(
        ANA | {"first_name": "A\x00na" + "x" * 200, "treatment_interest": "Whitening", "preferred_contact": "?"}
    )

    assert (len(done.lead.first_name), done.lead.notes, done.lead.treatment_interest) == (80, "Whitening", [])
    assert len(done.payload["first_name"]) == 204


def test_an_own_reader_may_say_that_it_is_no_inquiry(take_in, monkeypatch):
    monkeypatch.setitem(inquiries.READERS, Channel.API, f"{__name__}.refuse_tests")

    done = take_in(ANA)

    assert (done.status, done.error, done.lead) == (Status.IGNORED, "This is a test.", None)


def refuse_tests(submission):
    raise NotAnInquiry("This is a test.")


def test_trouble_on_our_side_is_tried_again_with_pauses_and_given_up(clinic, coordinator, monkeypatch):
    monkeypatch.setitem(inquiries.READERS, Channel.WEBHOOK, f"{__name__}.break_down")
    poison = write_submission(Channel.WEBHOOK, ANA)
    good = write_submission(Channel.API, ANA)

    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert process_due_submissions(clinic) == 2
        assert process_due_submissions(clinic) == 0
        for pause in PAUSES:
            clock.shift(pause + timedelta(seconds=1))
            process_due_submissions(clinic)

    poison.refresh_from_db()
    good.refresh_from_db()
    assert (poison.status, poison.reason, poison.attempts) == (Status.FAILED, Reason.TROUBLE, len(PAUSES))
    assert good.status == Status.PROCESSED


def break_down(submission):
    raise ZeroDivisionError


def test_an_attempt_is_counted_before_it_begins(clinic, coordinator, monkeypatch):
    """So that an inquiry that kills its worker is given up in the end."""
    monkeypatch.setattr(understanding, "process_submission", lambda submission: seen.append(submission.attempts))
    seen = []
    kept = write_submission(Channel.WEBHOOK, ANA)

    process_due_submissions(clinic)

    kept.refresh_from_db()
    assert (seen, kept.attempts, kept.status) == ([1], 1, Status.RECEIVED)


def test_what_is_told_is_told_in_the_clinics_language(clinic, coordinator):
    clinic.language = coordinator.user.language = "es"
    clinic.save()
    coordinator.user.save()
    kept = write_submission(Channel.WEBHOOK, {"first_name": "Ana"})

    process_due_submissions(clinic)

    kept.refresh_from_db()
    assert kept.error == "No trae ni teléfono ni correo electrónico."


def test_a_new_lead_of_a_machine_is_on_record(take_in):
    assert last_audit(take_in(ANA).lead).action == "crm.lead.captured"
