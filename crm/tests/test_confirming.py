import pytest
from django.core import mail

from clinics.models import AuditLog
from crm.models import LeadSubmission
from crm.submissions import write_submission
from crm.tasks import confirm_inquiry
from crm.tests.factories import LeadFormFactory
from crm.understanding import process_submission


@pytest.fixture
def form(clinic):
    texts = {"es": {"confirmation_subject": "Recibimos\nsu solicitud", "confirmation_text": "Hola <b>& gracias</b>"}}
    return LeadFormFactory(confirms_by_email=True, texts=texts)


@pytest.fixture
def ask(clinic, coordinator):
    def ask(form, email="ana@example.com", language="es", name="Ana"):
        payload = {"posted": {"first_name": [name], "email": [email]}}
        kept = write_submission("WEBFORM", payload, form=form, context={"language": language})
        return process_submission(kept)

    return ask


def confirm(clinic):
    for event in AuditLog.objects.filter(action="crm.submission.taken_in"):
        confirm_inquiry.run(clinic, event.pk)


def test_the_person_hears_in_their_language_and_the_clinics_words(clinic, form, ask):
    ask(form)

    confirm(clinic)
    confirm(clinic)

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["ana@example.com"], "Recibimos su solicitud")
    assert "Hola &lt;b&gt;&amp; gracias&lt;/b&gt;" in sent.alternatives[0][0]
    assert "Hola <b>& gracias</b>" in sent.body


def test_nobodys_mailbox_is_flooded_through_a_form(clinic, form, ask):
    first = ask(form)
    again = ask(form)

    confirm(clinic)

    assert (len(mail.outbox), again.lead) == (1, first.lead)
    assert LeadSubmission.objects.exclude(confirmed_at=None).count() == 1


def test_a_form_that_does_not_confirm_writes_nothing(clinic, ask):
    ask(LeadFormFactory())

    assert not AuditLog.objects.filter(action="crm.submission.taken_in").exists()


def test_the_mail_says_nothing_of_what_was_typed(clinic, form, ask):
    ask(form, language="en", name="Anastasia")

    confirm(clinic)

    assert "Anastasia" not in mail.outbox[0].body
