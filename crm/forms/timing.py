from datetime import time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TWO_HOURS, TODAY, TOMORROW, THREE_DAYS, WEEK, CHOSEN = "2h", "today", "tomorrow", "3d", "week", "chosen"
MORNING, EVENING = time(9), time(17)
PRESETS = [
    (TWO_HOURS, _("in 2 hours")),
    (TODAY, _("today, 5 pm")),
    (TOMORROW, _("tomorrow, 9 am")),
    (THREE_DAYS, _("in 3 days, 9 am")),
    (WEEK, _("in a week, 9 am")),
    (CHOSEN, _("on a day and time of your own …")),
]


class WhenFields(forms.Form):
    """By when: one of the usual moments, or one of one's own; `due_at` holds it once the form is clean."""

    when = forms.ChoiceField(label=_("When"), choices=PRESETS, initial=TOMORROW, required=False)
    chosen_at = forms.DateTimeField(
        label=_("Day and time"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean(self):
        cleaned = super().clean()
        when = cleaned.get("when") or (CHOSEN if cleaned.get("chosen_at") else TOMORROW)
        due_at = cleaned.get("chosen_at") if when == CHOSEN else moment_of(when)
        if due_at is None and "chosen_at" not in self.errors and self.asks_when():
            self.add_error("chosen_at", _("Choose a day and a time."))
        elif due_at and due_at < timezone.now() and self.asks_when():
            field = "chosen_at" if when == CHOSEN else "when"
            self.add_error(field, _("That moment has passed. Choose a later one."))
        cleaned["due_at"] = due_at
        return cleaned

    def asks_when(self):
        """Whether the moment matters for what else was said."""
        return True


def moment_of(preset):
    """The moment that a preset stands for, in the time zone of the clinic."""
    now = timezone.localtime()
    if preset == TWO_HOURS:
        return (now + timedelta(hours=2)).replace(second=0, microsecond=0)
    days, hour = {TODAY: (0, EVENING), TOMORROW: (1, MORNING), THREE_DAYS: (3, MORNING), WEEK: (7, MORNING)}[preset]
    day = now.date() + timedelta(days=days)
    return timezone.make_aware(timezone.datetime.combine(day, hour))


class SnoozeForm(forms.Form):
    """Until when a task is put off: one of the usual moments; `until` is that moment once the form is clean."""

    when = forms.ChoiceField(choices=[preset for preset in PRESETS if preset[0] != CHOSEN])

    @property
    def until(self):
        return moment_of(self.cleaned_data["when"])
