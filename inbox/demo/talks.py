"""Writing the conversations of the demo clinic as they would have come about: received, answered, noted."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.access import may
from clinics.models import ClinicUser, Tag
from crm.models import Lead
from inbox.addresses import address_of
from inbox.answering import count_as_answer
from inbox.conversations import conversation_with, remember_address
from inbox.demo.scripts import CANNED, NOTE, OF_LEADS, OF_PATIENTS, OF_STRANGERS, THEY
from inbox.handling import assign_conversation, resolve_conversation, snooze_conversation, tag_conversation
from inbox.models import (
    CannedReply,
    Channel,
    ChannelAccount,
    ConversationNote,
    Direction,
    InboxSettings,
    MessageKind,
    MessageStatus,
    ReadMark,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.receiving import Incoming, receive_message
from inbox.sandbox import open_sandbox
from inbox.satisfaction import answer_question, ask_satisfaction
from patients.models import Patient

QUOTED = "\n\nOn Monday the clinic wrote:\n> Thank you for coming in."


def write_talks(clinic):
    """Fill the inbox of the demo clinic; returns how many conversations it holds then."""
    return Talks(clinic).write()


class Talks:
    def __init__(self, clinic):
        self.clinic, self.now = clinic, timezone.now()
        members = ClinicUser.objects.active().order_by("created_at", "pk")
        self.answering = [member for member in members if may(member, "inbox:reply")]
        open_sandbox(clinic)
        self.accounts = {channel: ChannelAccount.objects.on(channel).first() for channel in Channel.values}

    def write(self):
        wishes = {"remind_hours_before": 24, "remind_again_hours_before": 2, "asks_satisfaction": True}
        InboxSettings.objects.get_or_create(clinic=self.clinic, defaults=wishes)
        for shortcut, title, text in CANNED:
            CannedReply.objects.get_or_create(shortcut=shortcut, owner=None, defaults={"title": title, "text": text})
        leads = Lead.objects.present().open().exclude(phone_e164="").exclude(email_norm="")
        leads = leads.select_related("assigned_to").order_by("-captured_at", "-pk")[: len(OF_LEADS)]
        patients = Patient.objects.present().exclude(phone_e164="").exclude(email_norm="").order_by("pk")
        people = [*zip(leads, OF_LEADS, strict=False), *zip(patients, OF_PATIENTS, strict=False)]
        for number, (person, script) in enumerate(people):
            self._talk_with(person, script, self.answering[number % len(self.answering)])
        for address, name, script in OF_STRANGERS:
            for channel, ago, _who, words in script:
                self._receive(channel, ago, address, words, name)
        self._set_apart()
        return UnifiedConversation.objects.count()

    def _talk_with(self, person, script, member):
        conversation = conversation_with(person)
        for channel, ago, who, words in script:
            address = address_of(person, channel) or f"{channel.lower()}-{person.pk.hex[:8]}"
            if channel == "PORTAL":
                address = str(person.pk)
            remember_address(conversation, channel, address)
            if who == NOTE:
                self._note(conversation, ago, words, member)
            elif who == THEY:
                self._receive(channel, ago, address, words)
            else:
                self._answer(conversation, channel, ago, address, words, member)
        conversation.refresh_from_db()
        if conversation.assigned_to_id is None and conversation.waiting_since is None:
            assign_conversation(conversation, member, by=member)

    def _receive(self, channel, ago, address, words, name=""):
        moment = self.now - timedelta(minutes=ago)
        receive_message(
            self.accounts[channel],
            Incoming(
                external_id=f"demo-{address}-{ago}",
                address=address,
                text=words,
                happened_at=moment,
                display_name=name,
                subject="Re: Your visit" if channel == "EMAIL" else "",
                full_text=f"{words}\n\nOn Monday the clinic wrote:\n> Thank you for coming in."
                if channel == "EMAIL"
                else "",
                kind=MessageKind.CALL if channel == "VOICE" else MessageKind.TEXT,
            ),
        )

    def _answer(self, conversation, channel, ago, address, words, member):
        moment = self.now - timedelta(minutes=ago)
        message = UnifiedMessage.objects.create(
            conversation=conversation,
            account=self.accounts[channel],
            channel=channel,
            direction=Direction.OUTBOUND,
            kind=MessageKind.CALL if channel == "VOICE" else MessageKind.TEXT,
            address=address,
            subject="Your visit" if channel == "EMAIL" else "",
            text=words,
            happened_at=moment,
            sent_at=moment,
            by=member,
            duration_seconds=248 if channel == "VOICE" else None,
            status=MessageStatus.READ if ago % 2 else MessageStatus.DELIVERED,
        )
        conversation.refresh_from_db()
        count_as_answer(message, conversation)
        UnifiedConversation.objects.filter(pk=conversation.pk).update(unread_count=0)
        mark, _is_new = ReadMark.objects.get_or_create(
            conversation=conversation, member=member, defaults={"read_until": moment}
        )
        ReadMark.objects.filter(pk=mark.pk).update(read_until=moment)

    def _note(self, conversation, ago, words, member):
        note = ConversationNote.objects.create(conversation=conversation, author=member, text=words)
        ConversationNote.objects.filter(pk=note.pk).update(created_at=self.now - timedelta(minutes=ago))

    def _say_how_content(self, conversation, event):
        """Whoever is asked when it is resolved has said so, as the clinic asks."""
        question = ask_satisfaction(event)
        if question is not None:
            answer_question(question, 5 if conversation.lead_id else 4, _("Quick and friendly, thank you."))

    def _set_apart(self):
        """Some are resolved, one is put off, and some carry a tag."""
        member = self.answering[0]
        quiet = list(UnifiedConversation.objects.open().filter(waiting_since=None).order_by("last_message_at")[:3])
        for conversation in quiet[:2]:
            self._say_how_content(conversation, resolve_conversation(conversation, by=member))
        for conversation in quiet[2:]:
            snooze_conversation(conversation, self.now + timedelta(days=3), by=member)
        tag = Tag.objects.get_or_create(name="Insurance")[0]
        for conversation in UnifiedConversation.objects.open().order_by("-last_message_at")[2:4]:
            tag_conversation(conversation, tag, by=member)
