import pytest

from clinics.tables.refusal_headings import refusal_target
from crm.importing.mapping import plain
from crm.importing.refusing import refuses, word_refuses


@pytest.mark.parametrize(
    "heading, target",
    [
        ("Do Not Contact", "no_contact"),
        ("DND", "no_contact"),
        ("Unsubscribed", "no_contact"),
        ("HasOptedOutOfEmail", "no_email"),
        ("Email Opt-Out", "no_email"),
        ("Unsubscribed from all email", "no_email"),
        ("Do not text", "no_texts"),
        ("Has Opted Out of Mobile (SMS)", "no_texts"),
        ("DoNotCall", "no_calls"),
        ("Email opt in", "may_email"),
        ("OK to Text?", "may_text"),
        ("Accepts SMS Marketing", "may_text"),
        ("Marketing consent", "agreed_news"),
        ("Accepts Marketing", "agreed_news"),
        ("Acepta publicidad", "agreed_news"),
        ("Opt-in / opt-out", None),
        ("Consent to text and e-mail", None),
        ("HIPAA consent form", ""),
        ("Fax Opt Out", ""),
        ("Option", ""),
        ("Phone", ""),
        ("Notes", ""),
    ],
)
def test_refusal_target_tells_who_refuses_what(heading, target):
    assert refusal_target(plain(heading)) == target


@pytest.mark.parametrize(
    "target, texts, is_refusal",
    [
        ("no_email", ("Yes", "TRUE", "1", "x", "2024-05-01", "Unsubscribed", "active", "maybe"), True),
        ("no_email", ("no", "FALSE", "0", "never", "subscribed", "Opted in", "0000-00-00", "-"), False),
        ("may_text", ("No", "FALSE", "0", "UNSUBSCRIBED", "Opted out", "not allowed", "refused"), True),
        ("may_text", ("Yes", "TRUE", "SUBSCRIBED", "2024-05-01", "NEVER_SUBSCRIBED", "pending"), False),
    ],
)
def test_refuses_takes_what_is_no_clear_consent_for_a_refusal(target, texts, is_refusal):
    assert {text: refuses(target, text) for text in texts} == dict.fromkeys(texts, is_refusal)


def test_word_refuses_knows_a_status_and_a_tag():
    assert word_refuses("hot lead; Do-Not-Contact")
    assert word_refuses("DND")
    assert not word_refuses("contacted, opted in")
