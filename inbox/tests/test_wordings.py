import pytest
from django.db import DatabaseError, transaction

from inbox.models import ConsentWording
from inbox.rules import NothingToSay
from inbox.tests.factories import ConversationFactory
from inbox.wordings import write_wording


def test_other_words_are_a_new_version_and_the_same_ones_are_not(owner):
    first = write_wording("NEWS", "en", "You may text me offers.", by=owner)
    same = write_wording("NEWS", "en", " You may text me offers. ", by=owner)
    second = write_wording("NEWS", "en", "You may text me news and offers.", by=owner)
    other = write_wording("NEWS", "es", "Pueden enviarme novedades.", by=owner)

    assert (first, first.version, second.version, other.version) == (same, 1, 2, 1)
    assert list(ConsentWording.objects.current()) == [second, other]
    with pytest.raises(NothingToSay):
        write_wording("NEWS", "en", " ", by=owner)


def test_no_version_is_changed_not_even_past_the_page(owner):
    wording = write_wording("NEWS", "en", "You may text me offers.", by=owner)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        ConsentWording.objects.filter(pk=wording.pk).update(text="You may call me at night.")


def test_an_admin_writes_a_version_and_opens_none_to_change_it(client_of, owner, coordinator):
    browser, address = client_of(owner), "/admin/inbox/consentwording/"

    written = browser.post(f"{address}add/", {"purpose": "NEWS", "language": "en", "text": "You may text me offers."})
    wording = ConsentWording.objects.get()
    changed = browser.post(f"{address}{wording.pk}/change/", {"purpose": "NEWS", "language": "en", "text": "Anything."})
    deleted = browser.post(f"{address}{wording.pk}/delete/", {"post": "yes"})

    assert (written.status_code, changed.status_code, deleted.status_code) == (302, 403, 403)
    assert (wording.version, ConsentWording.objects.get().text) == (1, "You may text me offers.")
    assert client_of(coordinator).get(address).status_code in (302, 403)


def test_what_they_were_shown_stands_with_what_they_said(client_of, coordinator, owner):
    wording = write_wording("NEWS", "en", "You may text me offers.", by=owner)
    care = write_wording("CARE", "en", "You may text me about visits.", by=owner)
    conversation = ConversationFactory()
    place = f"SMS {conversation.unknown_address}"
    said = {"place": place, "purpose": "NEWS", "state": "OPTED_IN", "source": "PAPER"}
    address = f"/inbox/{conversation.pk}/consent/note/"

    wrong = client_of(coordinator).post(address, said | {"shown": care.pk})
    client_of(coordinator).post(address, said | {"shown": wording.pk})

    assert wrong.status_code == 422
    consent = wording.consents.get()
    assert (consent.wording_text, consent.wording.version) == ("You may text me offers.", 1)
