from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager, Tag
from clinics.models.base import clinic_index
from crm.models import Lead
from inbox.models.choices import Channel, ConversationStatus, Direction, Sentiment
from patients.models import Patient

NOBODY = Q(lead=None, patient=None)
STANDING = Q(merged_into=None, deleted_at=None)


def names_of(member):
    """What a member of staff is called by: the fields behind a relation to one."""
    return [f"{member}__user__{name}" for name in ("first_name", "last_name", "email")]


class UnifiedConversationQuerySet(models.QuerySet):
    def present(self):
        """Conversations with people of the clinic that were neither deleted nor merged into another."""
        return self.filter(deleted_at=None, merged_into=None, member=None)

    def kept(self):
        """Conversations with people of the clinic that were not deleted, merged ones too."""
        return self.filter(deleted_at=None, member=None)

    def open(self):
        return self.present().filter(status=ConversationStatus.ACTIVE)

    def unmatched(self):
        """Conversations with somebody whom nobody knows yet."""
        return self.present().filter(NOBODY)

    def of_person(self, *, lead=None, patient=None):
        return self.present().filter(patient=patient) if patient else self.present().filter(lead=lead)

    def awake(self, moment):
        """Open conversations that nobody has put off, or not any longer."""
        return self.open().filter(Q(snoozed_until=None) | Q(snoozed_until__lte=moment))

    def snoozed(self, moment):
        return self.open().filter(snoozed_until__gt=moment)

    def resolved(self):
        return self.present().exclude(status=ConversationStatus.ACTIVE)

    def unread(self):
        """Conversations with words of theirs that nobody of the clinic has read."""
        return self.filter(unread_count__gt=0)

    def waiting(self):
        """Conversations whose last question is not answered yet."""
        return self.filter(waiting_since__isnull=False)

    def needing_somebody(self):
        """Conversations whose last question is not answered, or with words that nobody has read."""
        return self.filter(Q(waiting_since__isnull=False) | Q(unread_count__gt=0))

    def longest_waiting_first(self):
        return self.order_by(F("waiting_since").asc(nulls_last=True), "-last_message_at", "pk")

    def naming(self, member):
        """Conversations with a note that names a member."""
        notes = NoteMention.objects.filter(member=member, note__deleted_at=None)
        return self.filter(pk__in=notes.values("note__conversation"))

    def tagged(self, tag):
        return self.filter(pk__in=ConversationTag.objects.filter(tag=tag).values("conversation"))

    def over(self, channel):
        """Conversations that were held over a channel, whatever else they were held over."""
        return self.filter(channels__contains=[channel])

    def for_list(self):
        """Newest word first, with who has it."""
        return self.select_related("assigned_to__user").order_by("-last_message_at", "-pk")

    def read_by(self, member):
        """With `read_until`: up to when this member has read it, None if they never did."""
        marks = ReadMark.objects.filter(member=member, conversation=OuterRef("pk"))
        return self.annotate(read_until=Subquery(marks.values("read_until")[:1]))

    def for_page(self):
        """With everything that the page of one conversation says about its person."""
        return self.select_related(
            "assigned_to__user", "lead__stage", "lead__source", "lead__assigned_to__user", "patient", "location"
        )


class UnifiedConversation(ClinicModel):
    """Everything that was said between the clinic and one person, over every channel.

    The person is a patient, a lead, or an address (`unknown_address`, on `unknown_channel`) that nobody knows yet.
    What a row of the list shows rides along here, so that the list asks for nothing else.
    """

    patient = ClinicForeignKey(Patient, on_delete=models.CASCADE, null=True, related_name="conversations")
    lead = ClinicForeignKey(Lead, on_delete=models.CASCADE, null=True, related_name="conversations")
    # Texts to a member of staff: kept apart from everything that is said with the people of the clinic.
    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, null=True, related_name="+")
    unknown_channel = models.CharField(max_length=20, choices=Channel, blank=True, default="")
    unknown_address = models.CharField(max_length=254, blank=True, default="")
    person_name = models.CharField(_("name"), max_length=170, blank=True, default="")
    location = ClinicForeignKey(Location, on_delete=models.SET_NULL, null=True, related_name="+")

    status = models.CharField(_("status"), max_length=10, choices=ConversationStatus, default=ConversationStatus.ACTIVE)
    assigned_to = ClinicForeignKey(
        ClinicUser, on_delete=models.SET_NULL, null=True, related_name="conversations", verbose_name=_("whose")
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True, default="")
    unread_count = models.PositiveIntegerField(_("not read by anybody"), default=0)
    message_count = models.PositiveIntegerField(default=0)
    last_message_at = models.DateTimeField(_("last message"))
    last_message_preview = models.CharField(max_length=160, blank=True, default="")
    last_direction = models.CharField(max_length=8, choices=Direction, blank=True, default="")
    last_channel = models.CharField(max_length=20, choices=Channel, blank=True, default="")
    channels = models.JSONField(default=list)  # all that were used so far

    # The first message of theirs that nobody of the clinic has answered: since when they wait, and until when at most.
    waiting_since = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(null=True)
    first_answered_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    is_urgent = models.BooleanField(_("urgent"), default=False)
    sentiment = models.CharField(max_length=8, choices=Sentiment, blank=True, default="")
    satisfaction = models.PositiveSmallIntegerField(_("how content, 1 to 5"), null=True)
    satisfaction_asked_at = models.DateTimeField(null=True)
    merged_into = ClinicForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="merged")
    deleted_at = models.DateTimeField(null=True)

    objects = ScopedManager.of(UnifiedConversationQuerySet)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.CheckConstraint(condition=Q(lead=None) | Q(patient=None), name="conversation_of_one_person"),
            models.CheckConstraint(
                condition=Q(member=None) | Q(lead=None, patient=None), name="conversation_of_a_member_alone"
            ),
            models.UniqueConstraint(
                fields=["clinic", "member"], condition=Q(member__isnull=False), name="conversation_one_of_a_member"
            ),
            models.CheckConstraint(
                condition=~NOBODY | ~Q(unknown_address="") | Q(member__isnull=False), name="conversation_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(satisfaction=None) | Q(satisfaction__range=(1, 5)), name="conversation_satisfaction_1_to_5"
            ),
            models.UniqueConstraint(
                fields=["clinic", "patient"],
                condition=Q(patient__isnull=False, merged_into=None, deleted_at=None),
                name="conversation_one_of_a_patient",
            ),
            models.UniqueConstraint(
                fields=["clinic", "lead"],
                condition=Q(lead__isnull=False, merged_into=None, deleted_at=None),
                name="conversation_one_of_a_lead",
            ),
            models.UniqueConstraint(
                fields=["clinic", "unknown_channel", "unknown_address"],
                condition=Q(lead=None, patient=None, member=None, merged_into=None, deleted_at=None),
                name="conversation_one_of_an_address",
            ),
        ]
        indexes = [
            clinic_index("status", "-last_message_at", "-id", name="conversation_list", condition=STANDING),
            clinic_index(
                "assigned_to", "status", "-last_message_at", "-id", name="conversation_of_a_member", condition=STANDING
            ),
            clinic_index("-last_message_at", "-id", name="conversation_newest", condition=STANDING & Q(member=None)),
            clinic_index(
                "status",
                "-last_message_at",
                "-id",
                name="conversation_unmatched",
                condition=STANDING & Q(member=None, lead=None, patient=None),
            ),
            clinic_index(
                "-last_message_at", "-id", name="conversation_unread", condition=STANDING & Q(unread_count__gt=0)
            ),
            clinic_index(
                "waiting_since",
                "id",
                name="conversation_waiting",
                condition=STANDING & Q(waiting_since__isnull=False),
            ),
            clinic_index("snoozed_until", name="conversation_snoozed", condition=Q(snoozed_until__isnull=False)),
            clinic_index("answer_due_at", name="conversation_answer_due", condition=Q(answer_due_at__isnull=False)),
            clinic_index("lead", name="conversations_of_a_lead"),
            clinic_index("patient", name="conversations_of_a_patient"),
        ]

    def __str__(self):
        return self.person_name or self.unknown_address

    def get_absolute_url(self):
        if self.member_id:
            return reverse("inbox:sending")
        return reverse("inbox:conversation_detail", args=[self.pk])

    @property
    def person(self):
        """The patient or lead, or None."""
        return self.patient or self.lead

    @property
    def is_unmatched(self):
        return self.lead_id is None and self.patient_id is None

    @property
    def is_news(self):
        """Whether it is unread to the member of `read_by`: nobody has read it, or more was said since they did."""
        if self.last_direction != Direction.INBOUND:
            return False
        return self.unread_count > 0 or (self.read_until is not None and self.read_until < self.last_message_at)

    @property
    def is_snoozed(self):
        return self.snoozed_until is not None and self.snoozed_until > timezone.now()


class ConversationTag(ClinicModel):
    """That a conversation carries a tag."""

    conversation = ClinicForeignKey(UnifiedConversation, on_delete=models.CASCADE, related_name="tag_links")
    tag = ClinicForeignKey(Tag, on_delete=models.CASCADE, related_name="conversation_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "conversation", "tag"], name="conversation_tagged_once")
        ]
        indexes = [clinic_index("tag", "conversation", name="conversations_of_a_tag")]


class ConversationAddress(ClinicModel):
    """An address that a conversation is held with: by it the next message of the same person is matched."""

    conversation = ClinicForeignKey(UnifiedConversation, on_delete=models.CASCADE, related_name="addresses")
    channel = models.CharField(max_length=20, choices=Channel)
    address = models.CharField(max_length=254)
    display_name = models.CharField(max_length=120, blank=True, default="")
    last_inbound_at = models.DateTimeField(null=True)  # the windows of WhatsApp and Meta are counted from here
    last_outbound_at = models.DateTimeField(null=True)  # whoever answers, answers the conversation that wrote last

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "conversation", "channel", "address"], name="conversation_address_once"
            )
        ]
        indexes = [clinic_index("channel", "address", name="conversations_of_an_address")]


class ReadMark(ClinicModel):
    """Up to which moment a member of staff has read a conversation."""

    conversation = ClinicForeignKey(UnifiedConversation, on_delete=models.CASCADE, related_name="read_marks")
    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="+")
    read_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "member", "conversation"], name="read_mark_one_each"),
        ]


class ConversationNote(ClinicModel):
    """A word among colleagues within a conversation; the person never sees it."""

    conversation = ClinicForeignKey(UnifiedConversation, on_delete=models.CASCADE, related_name="notes")
    author = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(_("note"))
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = [clinic_index("conversation", "created_at", name="notes_of_a_conversation")]


class NoteMention(ClinicModel):
    """A colleague who is named in a note."""

    note = ClinicForeignKey(ConversationNote, on_delete=models.CASCADE, related_name="mentions")
    member = ClinicForeignKey(ClinicUser, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "note", "member"], name="note_mention_once")]
        indexes = [clinic_index("member", name="mentions_of_a_member")]
