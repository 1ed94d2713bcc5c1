from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicForeignKey, ClinicModel, ClinicUser, Location, ScopedManager
from clinics.models.base import clinic_index
from patients.models.appointment import Appointment
from patients.models.choices import Channel
from patients.models.hours import ScheduleBlock, local_time
from patients.models.provider import AppointmentType, Provider
from patients.models.room import Room
from patients.models.waitlist import WaitlistEntry


class FreedTimeQuerySet(models.QuerySet):
    def open(self):
        """Times that nobody has taken, closed or let pass."""
        return self.filter(closed_at=None, starts_at__gt=timezone.now())

    def still_free(self):
        """Those at which neither the provider nor the room was given to somebody, or blocked, meanwhile."""
        others = Appointment.objects.occupying().filter(
            starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
        )
        of_provider, in_room = others.filter(provider=OuterRef("provider")), others.filter(room=OuterRef("room"))
        blocks = ScheduleBlock.objects.filter(starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at"))
        for name in ("provider", "location", "room"):
            blocks = blocks.filter(Q(**{name: None}) | Q(**{name: OuterRef(name)}))
        return self.filter(~Exists(of_provider), ~Exists(in_room), ~Exists(blocks))

    def in_rounds(self):
        """Those that are offered to a few at a time until somebody takes it."""
        return self.filter(round_size__gt=0)

    def with_offers(self):
        """Each with how many were asked, and how many have yet to answer."""
        waiting = Q(offers__state=WaitlistOffer.State.OFFERED)
        return self.annotate(asked_count=Count("offers"), open_count=Count("offers", filter=waiting))

    def for_list(self):
        return self.select_related("provider", "room", "type", "location", "appointment__patient")


class FreedTime(ClinicModel):
    """A time that was given up by a cancellation, a move or another day, and can be offered to those who wait."""

    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    provider = ClinicForeignKey(Provider, on_delete=models.CASCADE, null=True, related_name="+")
    room = ClinicForeignKey(Room, on_delete=models.SET_NULL, null=True, related_name="+")
    type = ClinicForeignKey(AppointmentType, on_delete=models.SET_NULL, null=True, related_name="+")
    location = ClinicForeignKey(Location, on_delete=models.SET_NULL, null=True, related_name="+")
    appointment = ClinicForeignKey(Appointment, on_delete=models.CASCADE, null=True, related_name="freed_times")
    round_size = models.PositiveSmallIntegerField(_("asked at a time"), default=0)
    answer_minutes = models.PositiveSmallIntegerField(_("minutes to answer"), default=60)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager.of(FreedTimeQuerySet)

    class Meta:
        verbose_name = _("freed time")
        verbose_name_plural = _("freed times")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="freed_time_ends_after_it_begins")
        ]
        indexes = [
            clinic_index("starts_at", name="freed_time_open", condition=Q(closed_at=None)),
            clinic_index("appointment", name="freed_time_of_appointment"),
        ]

    def __str__(self):
        return f"{self.local_start:%Y-%m-%d %H:%M}"

    @property
    def local_start(self):
        """When it begins by the clock of its location, without a zone: templates show it as it stands."""
        return local_time(self.starts_at, self.location)

    @property
    def duration_minutes(self):
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


class WaitlistOfferQuerySet(models.QuerySet):
    def open(self):
        """Those that nobody has answered yet."""
        return self.filter(state=WaitlistOffer.State.OFFERED)

    def between(self, entry, freed):
        """What somebody who waits was offered of a time."""
        return self.filter(entry=entry, freed=freed).select_related("freed")

    def of_token(self, token):
        """The offer of whoever holds this token, with all that their page shows; None if it is nobody's."""
        rows = self.select_related("clinic", "entry__patient", "entry__appointment", "freed__location")
        rows = rows.select_related("freed__provider", "freed__type").exclude(token="")
        return rows.filter(token=token).first()

    def overdue(self, moment):
        return self.open().filter(offered_until__lte=moment)

    def told(self, is_free):
        """What is worth telling of a time: while it is free, nothing of those who may be asked again."""
        return self.exclude(state=WaitlistOffer.State.WITHDRAWN) if is_free else self

    def for_list(self):
        return self.select_related("entry__patient", "entry__type").order_by("created_at", "pk")


class WaitlistOffer(ClinicModel):
    """A freed time was offered to somebody who waits: until when, and what they said."""

    class State(models.TextChoices):
        OFFERED = "OFFERED", _("Asked")
        ACCEPTED = "ACCEPTED", _("Takes it")
        DECLINED = "DECLINED", _("Said no")
        EXPIRED = "EXPIRED", _("No answer")
        WITHDRAWN = "WITHDRAWN", _("Gone")

    entry = ClinicForeignKey(WaitlistEntry, on_delete=models.CASCADE, related_name="offers")
    freed = ClinicForeignKey(FreedTime, on_delete=models.CASCADE, related_name="offers")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OFFERED)
    offered_until = models.DateTimeField(_("until"))
    offered_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    # In rounds they are asked by a message with this secret in its address; whoever sends it says how.
    token = models.CharField(max_length=43, blank=True, default="")
    asked_by = models.CharField(max_length=20, choices=Channel, blank=True, default="")
    created_by = ClinicForeignKey(ClinicUser, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ScopedManager.of(WaitlistOfferQuerySet)

    class Meta:
        verbose_name = _("offer to the waiting list")
        verbose_name_plural = _("offers to the waiting list")
        constraints = [
            models.UniqueConstraint(fields=["clinic", "entry", "freed"], name="waitlist_offered_once_a_time"),
            models.UniqueConstraint(
                fields=["clinic", "freed"], condition=Q(state="ACCEPTED"), name="waitlist_time_taken_once"
            ),
            models.UniqueConstraint(
                fields=["clinic", "token"], condition=~Q(token=""), name="waitlist_offer_token_once"
            ),
        ]
        indexes = [clinic_index("offered_until", name="waitlist_offer_open", condition=Q(state="OFFERED"))]

    def __str__(self):
        return str(self.entry)

    @property
    def is_open(self):
        return self.state == self.State.OFFERED

    @property
    def is_over(self):
        """Nobody may take it by the address that they were sent: it was answered, or its time has passed."""
        return not self.is_open or self.offered_until <= timezone.now()

    @property
    def local_asked(self):
        return local_time(self.offered_at, self.freed.location)

    @property
    def local_answered(self):
        return local_time(self.answered_at, self.freed.location) if self.answered_at else None

    @property
    def local_until(self):
        """Until when by the clock of the place of the time that is offered."""
        return local_time(self.offered_until, self.freed.location)
