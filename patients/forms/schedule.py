from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import KeyedForm
from clinics.models import Location
from patients.models import AppointmentType, CancellationReason, Patient, Provider, Room
from patients.working_time import zone_of

CONTACT = ("contact_name", "contact_phone", "contact_email")
BY = [("provider", _("By provider")), ("room", _("By room"))]
STEPS = [(minutes, str(minutes)) for minutes in (10, 15, 20, 30, 40, 45, 60, 75, 90, 120, 150, 180)]


class ScheduleFilterForm(forms.Form):
    """What the calendar shows: the day or its week, by provider or room, one provider or all, one location or all."""

    on = forms.DateField(required=False)
    view = forms.ChoiceField(required=False, choices=[("day", _("Day")), ("week", _("Week"))])
    by = forms.ChoiceField(required=False, choices=BY)
    provider = forms.ModelChoiceField(Provider.objects.none(), label=_("Provider"), required=False)
    location = forms.ModelChoiceField(Location.objects.none(), label=_("Location"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = Provider.objects.working().in_order()
        self.fields["provider"].empty_label = _("Everybody")
        self.fields["location"].queryset = Location.objects.filter(is_active=True)
        self.fields["location"].empty_label = _("Everywhere")

    def chosen(self, name):
        """A value that can be used as it is; None for what was not said, or makes no sense."""
        self.is_valid()
        return self.cleaned_data.get(name) or None


class RoomChoiceField(forms.ModelChoiceField):
    """Rooms of the same name are told apart by where they are."""

    def label_from_instance(self, room):
        return f"{room}, {room.location}" if room.location else str(room)


def with_minutes(asked):
    """The lengths to choose from, and the one that somebody has asked for by choosing a stretch of the calendar."""
    minutes = str(asked or "")
    is_other = minutes.isdecimal() and 5 <= int(minutes) <= 600 and int(minutes) not in dict(STEPS)
    return [("", _("as usual")), *sorted([*STEPS, (int(minutes), minutes)] if is_other else STEPS)]


class BookForm(KeyedForm):
    """An appointment: of a patient, or of somebody known by name and number alone."""

    patient = forms.ModelChoiceField(Patient.objects.none(), required=False, widget=forms.HiddenInput)
    contact_name = forms.CharField(label=_("Name"), required=False, max_length=160)
    contact_phone = forms.CharField(
        label=_("Phone"), required=False, max_length=40, widget=forms.TextInput(attrs={"type": "tel"})
    )
    contact_email = forms.EmailField(label=_("E-mail"), required=False)
    type = forms.ModelChoiceField(AppointmentType.objects.none(), label=_("What for"), required=False)
    provider = forms.ModelChoiceField(Provider.objects.none(), label=_("Provider"), required=False)
    starts_at = forms.SplitDateTimeField(
        label=_("When"), widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"})
    )
    duration_minutes = forms.TypedChoiceField(
        label=_("Minutes"), required=False, coerce=int, empty_value=None, choices=[("", _("as usual")), *STEPS]
    )
    room = RoomChoiceField(Room.objects.none(), label=_("Room or chair"), required=False)
    notes = forms.CharField(label=_("Notes"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    wants_mail = forms.BooleanField(
        label=_("Tell them"),
        required=False,
        help_text=_("By e-mail or text message, as they prefer. Also when it is moved or cancelled."),
    )
    anyway = forms.BooleanField(label=_("Book it anyway"), required=False)

    def __init__(self, *args, clinic, **kwargs):
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        for name in ("contact_name", "contact_phone"):
            self.fields[name].widget.attrs |= {"data-looks-up": True, "autocomplete": "off"}
        self.fields["duration_minutes"].choices = with_minutes(self["duration_minutes"].value())
        self.fields["patient"].queryset = Patient.objects.present()
        self.fields["type"].queryset = AppointmentType.objects.working().in_order()
        self.fields["type"].empty_label = _("not said")
        self.fields["provider"].queryset = Provider.objects.working().in_order().select_related("location")
        self.fields["provider"].empty_label = _("not decided")
        self.fields["room"].queryset = Room.objects.working().in_order().select_related("location")
        self.fields["room"].label_from_instance = room_in_words
        self.fields["room"].empty_label = _("any")

    @property
    def can_be_booked_anyway(self):
        return bool(self.non_field_errors())

    def clean(self):
        """The time that was typed is by the clock of the room's or provider's location, not by that of the clinic."""
        cleaned = super().clean()
        starts_at, places = cleaned.get("starts_at"), [cleaned.get("room"), cleaned.get("provider")]
        location = next((place.location for place in places if place and place.location), None)
        if starts_at and location:
            zone = zone_of(location, self.clinic)
            cleaned["starts_at"] = timezone.make_naive(starts_at).replace(tzinfo=zone)
        return cleaned

    @property
    def values(self):
        """What book_appointment takes; a patient needs no contact beside."""
        cleaned = self.cleaned_data
        names = ["patient", "type", "provider", "starts_at", "duration_minutes", "room", "notes", "wants_mail"]
        return {name: cleaned[name] for name in [*names, *(() if cleaned["patient"] else CONTACT)]}


def room_in_words(room):
    return f"{room.name}, {room.location}" if room.location else room.name


class MoveForm(forms.Form):
    """Where an appointment was put down: by the local clock of whoever treats."""

    appointment = forms.UUIDField()
    version = forms.IntegerField()
    starts_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"])
    minutes = forms.IntegerField(min_value=5, max_value=600)
    by = forms.ChoiceField(required=False, choices=BY)
    provider = forms.ModelChoiceField(Provider.objects.none(), required=False)
    room = forms.ModelChoiceField(Room.objects.none(), required=False)
    anyway = forms.BooleanField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = Provider.objects.working().select_related("location")
        self.fields["room"].queryset = Room.objects.working().select_related("location")

    def values_for(self, appointment):
        """What move_appointment takes: a new provider or room brings its location; a room stays behind with the old."""
        location, is_by_room = appointment.location, self.cleaned_data["by"] == "room"
        field = "room" if is_by_room else "provider"
        place = self.cleaned_data[field] or (None if is_by_room else appointment.provider)
        values = {field: place}
        if place != getattr(appointment, field) and place and place.location_id not in (None, appointment.location_id):
            location = place.location
            values |= {"location": location} | ({} if is_by_room else {"room": None})
        naive = timezone.make_naive(self.cleaned_data["starts_at"])
        starts_at = naive.replace(tzinfo=zone_of(location, appointment.clinic))
        return values | {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=self.cleaned_data["minutes"])}


class CancelForm(forms.Form):
    """Why an appointment will not take place."""

    reason = forms.ChoiceField(label=_("Why"), choices=CancellationReason, widget=forms.RadioSelect)
    note = forms.CharField(label=_("More about it"), required=False, max_length=500)


def asked_start(text, zone):
    """The local moment that an address asks for (?at=2026-12-07T09:30), as the form's two fields show it; or None."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except (TypeError, ValueError):
        return None
