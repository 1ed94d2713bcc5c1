"""One row of each model of the inbox."""

from django.utils import timezone

from clinics.models import Role, Tag, WebhookConnection
from clinics.public_tokens import new_token
from inbox.models import (
    AppointmentNotice,
    ApprovedTemplate,
    CannedReply,
    ChannelAccount,
    ConsentWording,
    ContactConsent,
    ConversationAct,
    ConversationActRow,
    ConversationAddress,
    ConversationNote,
    ConversationTag,
    ConversationWord,
    DeliveryReport,
    InboxSettings,
    MessageAttachment,
    NoteMention,
    Purpose,
    ReadMark,
    ReplyDraft,
    SandboxDelivery,
    SatisfactionQuestion,
    SentCount,
    Suppression,
    UnifiedConversation,
    UnifiedMessage,
)
from inbox.tests.factories import (
    CannedReplyFactory,
    ChannelAccountFactory,
    ContactConsentFactory,
    ConversationFactory,
    MessageFactory,
    SuppressionFactory,
)
from patients.models import Appointment
from tests.isolation.rows import makes


@makes(InboxSettings)
def inbox_settings(world):
    return InboxSettings.objects.create()


@makes(ChannelAccount)
def channel_account(world):
    return ChannelAccountFactory(
        label=f"{world.word} desk",
        address="+13125550199",
        credentials={"key": world.word},
        connection=world[WebhookConnection],
    )


@makes(UnifiedConversation)
def conversation(world):
    return ConversationFactory(person_name=f"{world.word} stranger", last_message_preview=f"{world.word} asks")


@makes(UnifiedMessage)
def message(world):
    return MessageFactory(
        conversation=world[UnifiedConversation],
        account=world[ChannelAccount],
        text=f"{world.word} asks",
        external_message_id="SM1",
    )


@makes(ConversationWord)
def conversation_word(world):
    return ConversationWord.objects.filter(conversation=world[UnifiedMessage].conversation_id).first()


@makes(MessageAttachment)
def message_attachment(world):
    return MessageAttachment.objects.create(
        message=world[UnifiedMessage],
        name=f"{world.word}.pdf",
        stored_as="",
        content_type="application/pdf",
        size_bytes=0,
        digest="",
        source_url="https://media.example/1",
    )


@makes(DeliveryReport)
def delivery_report(world):
    return DeliveryReport.objects.create(
        account=world[ChannelAccount], external_message_id="SM2", status="delivered", told_at=timezone.now()
    )


@makes(SentCount)
def sent_count(world):
    return SentCount.objects.create(month=timezone.now().date().replace(day=1), count=3)


@makes(ConversationAddress)
def conversation_address(world):
    return ConversationAddress.objects.create(
        conversation=world[UnifiedConversation], channel="SMS", address=world[UnifiedConversation].unknown_address
    )


@makes(ConversationTag)
def conversation_tag(world):
    return ConversationTag.objects.create(conversation=world[UnifiedConversation], tag=world[Tag])


@makes(ConversationNote)
def conversation_note(world):
    return ConversationNote.objects.create(
        conversation=world[UnifiedConversation], author=world.admin, text=f"{world.word} note"
    )


@makes(NoteMention)
def note_mention(world):
    return NoteMention.objects.create(note=world[ConversationNote], member=world.members[Role.FRONT_DESK])


@makes(ReadMark)
def read_mark(world):
    return ReadMark.objects.create(
        conversation=world[UnifiedConversation], member=world.members[Role.VIEWER], read_until=timezone.now()
    )


@makes(ReplyDraft)
def reply_draft(world):
    return ReplyDraft.objects.create(
        conversation=world[UnifiedConversation], member=world.members[Role.VIEWER], text=f"{world.word} draft"
    )


@makes(ConsentWording)
def consent_wording(world):
    return ConsentWording.objects.create(purpose=Purpose.NEWS, version=1, text=f"{world.word} may write to me.")


@makes(ContactConsent)
def contact_consent(world):
    return ContactConsentFactory(wording=world[ConsentWording])


@makes(Suppression)
def suppression(world):
    return SuppressionFactory()


@makes(CannedReply)
def canned_reply(world):
    return CannedReplyFactory(shortcut=f"{world.word}-hours", text=f"{world.word} opens at eight")


@makes(ApprovedTemplate)
def approved_template(world):
    return ApprovedTemplate.objects.create(name=f"{world.word}_hello", text="Hello {{1}}", external_id="HX1")


@makes(AppointmentNotice)
def appointment_notice(world):
    appointment = world[Appointment]
    message = MessageFactory(
        conversation=world[UnifiedConversation],
        direction="OUTBOUND",
        status="SENT",
        text=f"{world.word} sees you on Monday",
    )
    return AppointmentNotice.objects.create(
        appointment=appointment, message=message, kind=AppointmentNotice.Kind.STATE, starts_at=appointment.starts_at
    )


@makes(SandboxDelivery)
def sandbox_delivery(world):
    return SandboxDelivery.objects.create(
        account=world[ChannelAccount],
        external_message_id="SB1",
        to_address="+17735550101",
        from_address="+13125550199",
        text=f"{world.word} says hello",
    )


@makes(SatisfactionQuestion)
def satisfaction_question(world):
    return SatisfactionQuestion.objects.create(
        conversation=world[UnifiedConversation],
        message=world[UnifiedMessage],
        channel="SMS",
        occasion=world[UnifiedMessage].pk,
        token=new_token(world.clinic.pk),
        asked_at=timezone.now(),
        stars=4,
        comment=f"{world.word} was kind",
        answered_at=timezone.now(),
    )


@makes(ConversationAct)
def conversation_act(world):
    facts = {"tag": str(world[Tag].pk)}
    return ConversationAct.objects.create(
        kind="TAG", title=f"Tag with {world.word}", facts=facts, by=world.admin, total_count=1
    )


@makes(ConversationActRow)
def conversation_act_row(world):
    facts = {"act": world[ConversationAct], "conversation": world[UnifiedConversation]}
    return ConversationActRow.objects.create(**facts, place=1, reason=f"{world.word} was so already")


BODIES = {
    "api:message_list": lambda world: {"channel": "SMS", "text": f"{world.word} is open on Friday"},
    "inbox:conversation_bulk_run": lambda world: {"conversation": world[UnifiedConversation].pk, "tag": world[Tag].pk},
}
