"""What somebody asks for by STOP, START and HELP, or refuses in words of their own, done as soon as it is received."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.audit import SYSTEM
from clinics.models import ClinicUser, Location, Role
from clinics.notifications import language_of, notify
from inbox.consent import opt_in_again, opt_out, suppress
from inbox.evidence import places_of
from inbox.models import (
    Carrier,
    Channel,
    ConsentSource,
    Purpose,
    Suppression,
    SuppressionReason,
    UnifiedConversation,
)
from inbox.planning import plan_message
from inbox.refusal_words import HELP, START, STOP, is_spanish, keyword_in, means_everything, sounds_like_refusal

CONFIRM_WITHIN = timedelta(minutes=5)  # 47 CFR 64.1200(a)(12): one text that confirms, within five minutes
CONFIRMED_ON = (Channel.SMS, Channel.WHATSAPP)
STOPPED = gettext_lazy("%(clinic)s: you get no more messages from us here. Reply START to get them again.")
STARTED = gettext_lazy("%(clinic)s: you get our messages again. Reply STOP to end them, HELP for help.")
HELPED = gettext_lazy("%(clinic)s. Call us: %(number)s. Reply STOP to get no more messages.")
HELPED_WITHOUT_NUMBER = gettext_lazy("%(clinic)s. Reply here and we answer, or STOP to get no more messages.")
PROVIDER_WORD = "opt_out_type"  # metadata of a message: what the carrier itself took it for


def hear(message):
    """Do what an incoming (just stored) message asks for; returns STOP, START, HELP, "refusal" or "".

    In the transaction that takes the message in, so that nothing more is handed over to them once it is committed. The
    carrier's own reading counts first. A refusal in other words holds back what is planned until somebody has read it.
    """
    if message.is_automatic:
        return ""
    text = message.text or message.subject
    meaning = message.metadata.get(PROVIDER_WORD) or keyword_in(text)
    if meaning == STOP:
        _stop(message)
    elif meaning == START:
        return START if _start(message) else ""
    elif meaning == HELP:
        _help(message)
    elif sounds_like_refusal(text):
        _hold(message)
        return "refusal"
    return meaning


def _stop(message):
    is_new = not _stopped(message).exists()
    opt_out(message.channel, message.address, source=ConsentSource.MESSAGE, message=message, proof=_proof(message))
    if means_everything(message.text or message.subject):
        _hold(message)
    if is_new and _is_ours_to_answer(message):
        _answer(message, STOPPED)


def _start(message):
    """They want messages again: heard only from those who had stopped them, for "yes" answers many questions."""
    if not _stopped(message).exists():
        return False
    opt_in_again(message.channel, message.address, message=message, proof=_proof(message))
    if _is_ours_to_answer(message):
        _answer(message, STARTED)
    return True


def _help(message):
    if _is_ours_to_answer(message):
        place = message.conversation.location or Location.objects.filter(is_active=True).order_by("name").first()
        number = place.phone_number if place else ""
        _answer(message, HELPED if number else HELPED_WITHOUT_NUMBER, number=number)


def _hold(message):
    """Hold everything back that is planned for this address, and call somebody to read what they wrote.

    Words that mean every way hold back what goes to any address of theirs.
    """
    conversation, words = message.conversation, message.text or message.subject
    places = [(message.channel, message.address)]
    if means_everything(words):
        places += [place for place in places_of(conversation) if place not in places]
    stopped = {(row.channel, row.address) for row in _standing_of(places)}
    held = [place for place in places if place not in stopped]
    for channel, address in held:
        suppress(channel, address, SuppressionReason.REFUSAL, message=message, detail=words[:300])
    if not held:
        return
    UnifiedConversation.objects.filter(pk=conversation.pk).update(is_urgent=True)
    for member in _readers(conversation):
        with translation.override(language_of(member)):
            text = _("%(who)s seems to want no more messages. Read it and decide.") % {"who": conversation}
        notify(member, "refusal", text, url=reverse("inbox:suppression_list"))


def _readers(conversation):
    if conversation.assigned_to is not None:
        return [conversation.assigned_to]
    return ClinicUser.objects.active().filter(role=Role.CLINIC_ADMIN).select_related("user", "clinic")


def _stopped(message):
    return _standing_of([(message.channel, message.address)])


def _standing_of(places):
    """The STOPs and refusals that stand for some channels and addresses."""
    reasons = (SuppressionReason.STOP, SuppressionReason.REFUSAL)
    asked = Q()
    for channel, address in places:
        asked |= Q(channel=channel, address=address)
    return Suppression.objects.standing().filter(asked, reason__in=reasons)


def confirm_refusal(message):
    """Confirm once, where texts are written, that a refusal in words of their own was understood; None elsewhere."""
    if message.channel not in CONFIRMED_ON or message.account_id is None:
        return None
    return _answer(message, STOPPED)


def _is_ours_to_answer(message):
    """Twilio answers these words itself on text messages; an answer of ours would be refused, or be a second one."""
    carrier = message.account.carrier if message.account_id else ""
    is_answered = carrier == Carrier.TWILIO and message.channel == Channel.SMS
    return message.channel in CONFIRMED_ON and not is_answered and not message.metadata.get(PROVIDER_WORD)


def _answer(message, words, **facts):
    """The one text that confirms, in the language that they used; it goes despite their STOP, and at night too."""
    clinic = message.conversation.clinic
    with translation.override("es" if is_spanish(message.text) else clinic.language or "en"):
        text = str(words) % ({"clinic": clinic.name} | facts)
    answer = plan_message(
        message.conversation,
        channel=message.channel,
        text=text,
        by=SYSTEM,
        dedupe_key=f"heard {message.pk}",
        purpose=Purpose.REPLY,
        account=message.account,
        address=message.address,
        expires_at=timezone.now() + CONFIRM_WITHIN,
        is_automatic=True,
    )
    answer.metadata = answer.metadata | {"confirms": True}
    answer.save(update_fields=["metadata", "updated_at"])
    return answer


def _proof(message):
    return {"words": (message.text or message.subject)[:300], "message": str(message.pk)}
