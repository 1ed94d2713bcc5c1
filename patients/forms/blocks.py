"""Blocking a time: from when until when, whose, and why."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import KeyedForm
from clinics.models import Location
from patients.forms.schedule import RoomChoiceField
from patients.models import Provider, Room, ScheduleBlock
from patients.rules import RoomIsBlockedForAll
from patients.working_time import zone_of

PLACE = ("provider", "location", "room")


def when(label):
    widget = forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"})
    return forms.SplitDateTimeField(label=label, widget=widget)


class BlockForm(KeyedForm):
    """A blocked time by the clock of its place; of nobody in particular it is the whole clinic's, as on a holiday."""

    provider = forms.ModelChoiceField(Provider.objects.none(), label=_("Provider"), required=False)
    location = forms.ModelChoiceField(Location.objects.none(), label=_("Location"), required=False)
    room = RoomChoiceField(Room.objects.none(), label=_("Room or chair"), required=False)
    starts_at = when(_("From"))
    ends_at = when(_("Until"))
    is_whole_days = forms.BooleanField(label=_("Whole days"), required=False)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=120)

    def __init__(self, *args, clinic, **kwargs):
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.fields["provider"].queryset = Provider.objects.working().in_order().select_related("location")
        self.fields["provider"].empty_label = _("Everybody")
        self.fields["location"].queryset = Location.objects.filter(is_active=True)
        self.fields["location"].empty_label = _("Everywhere")
        rooms = Room.objects.working().in_order().select_related("location")
        if rooms.exists():
            self.fields["room"].queryset, self.fields["room"].empty_label = rooms, _("All of them")
        else:
            del self.fields["room"]

    def clean(self):
        cleaned = super().clean()
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if not (starts_at and ends_at):
            return cleaned
        if cleaned.get("room") and cleaned.get("provider"):
            self.add_error("provider", str(RoomIsBlockedForAll()))
        place = ScheduleBlock(**{name: cleaned.get(name) for name in PLACE}).place
        zone = zone_of(place, self.clinic)
        starts_at, ends_at = (timezone.make_naive(moment) for moment in (starts_at, ends_at))
        if cleaned.get("is_whole_days"):
            starts_at = datetime.combine(starts_at.date(), time.min)
            ends_at = datetime.combine(ends_at.date() + timedelta(days=1), time.min)
        cleaned["starts_at"], cleaned["ends_at"] = starts_at.replace(tzinfo=zone), ends_at.replace(tzinfo=zone)
        if cleaned["ends_at"] <= cleaned["starts_at"]:
            self.add_error("ends_at", _("This is before it begins."))
        return cleaned

    @property
    def values(self):
        """What block_time and change_block take."""
        return {name: self.cleaned_data.get(name) for name in (*PLACE, "starts_at", "ends_at", "reason")}


def begun_with(block, clinic):
    """What the form of a blocked time begins with, by the clock of its place."""
    zone, here = zone_of(block.place, clinic), timezone.get_current_timezone()
    local = {
        name: timezone.make_naive(getattr(block, name), zone).replace(tzinfo=here) for name in ("starts_at", "ends_at")
    }
    return local | {name: getattr(block, f"{name}_id") for name in PLACE} | {"reason": block.reason}


class BlockMoveForm(forms.Form):
    """Where a blocked time was put down in the calendar: in the column of a provider, or of a room."""

    block = forms.UUIDField()
    starts_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"])
    minutes = forms.IntegerField(min_value=5, max_value=24 * 60)
    provider = forms.ModelChoiceField(Provider.objects.none(), required=False)
    room = forms.ModelChoiceField(Room.objects.none(), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = Provider.objects.working().select_related("location")
        self.fields["room"].queryset = Room.objects.working().select_related("location")

    def values_for(self, block):
        """What change_block takes: one of a provider or a room goes along to the column it was put down in."""
        provider, room = self.cleaned_data["provider"], self.cleaned_data["room"]
        column = provider or room or block.room or block.provider
        zone = zone_of(block.location or (column and column.location), block.clinic)
        starts_at = timezone.make_naive(self.cleaned_data["starts_at"]).replace(tzinfo=zone)
        values = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=self.cleaned_data["minutes"])}
        values |= {"provider": provider} if block.provider_id and provider else {}
        return values | ({"room": room} if block.room_id and room else {})
