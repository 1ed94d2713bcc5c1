"""Tasks away from the page of their lead: a new one from anywhere, one changed, one done, several at once."""

import uuid
from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import KeyedForm
from clinics.models import ClinicUser
from crm.forms.activities import NEXT_STEPS, USUALLY, QueueFields, TaskChangeForm, TaskForm, choose_member
from crm.forms.timing import SnoozeForm, WhenFields, moment_of
from crm.models import CallOutcome, Recurrence, TaskAct, TaskTemplate
from crm.task_bulk import AT_MOST

REMINDERS = {
    "0": (_("when it is due"), timedelta()),
    "15": (_("15 minutes before"), timedelta(minutes=15)),
    "60": (_("an hour before"), timedelta(hours=1)),
    "1440": (_("the day before"), timedelta(days=1)),
}
UNANSWERED = (CallOutcome.VOICEMAIL, CallOutcome.NO_ANSWER)


class RemindedFields(forms.Form):
    """When somebody is reminded of a task, and whether it comes back."""

    description = forms.CharField(
        label=_("About it"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    reminder = forms.ChoiceField(
        label=_("Reminder"),
        required=False,
        choices=[("", _("none")), *((value, words) for value, (words, _span) in REMINDERS.items())],
    )
    recurrence = forms.ChoiceField(label=_("Comes back"), required=False, choices=Recurrence.choices)

    def _reminder_before(self, due_at):
        chosen = self.cleaned_data.get("reminder")
        return due_at - REMINDERS[chosen][1] if chosen else None


class NewTaskForm(RemindedFields, TaskForm):
    """A task for a lead that was chosen beforehand; a template, if one is named, fills what nobody has typed."""

    template = forms.ModelChoiceField(TaskTemplate.objects.none(), required=False, widget=forms.HiddenInput)

    field_order = ["title", "when", "chosen_at", "owner", "priority", "type", "reminder", "recurrence", "description"]

    def __init__(self, *args, template=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = TaskTemplate.objects.filter(is_active=True)
        if template is not None:
            kept = {name: getattr(template, name) for name in ("title", "type", "priority", "description")}
            self.initial |= kept | {"template": template.pk, "when": usual_moment(template)}

    @property
    def facts(self):
        """What add_task takes."""
        cleaned = self.cleaned_data
        more = {name: cleaned[name] for name in ("description", "recurrence", "template")}
        return super().facts | more | {"reminder_at": self._reminder_before(cleaned["due_at"])}


def usual_moment(template):
    """Which of the usual moments comes nearest to what a template says."""
    minutes = template.due_after_minutes
    steps = [("2h", 4 * 60), ("today", 10 * 60), ("tomorrow", 2 * 24 * 60), ("3d", 5 * 24 * 60)]
    return next((name for name, most in steps if minutes <= most), "week")


class TaskEditForm(RemindedFields, TaskChangeForm):
    """A task opened again, with its reminder and how often it comes back."""

    def __init__(self, *args, task, **kwargs):
        super().__init__(*args, task=task, **kwargs)
        self.task = task
        ahead = task.due_at - task.reminder_at if task.reminder_at else None
        usual = next((value for value, (_words, span) in REMINDERS.items() if span == ahead), "")
        self.initial |= {"description": task.description, "recurrence": task.recurrence, "reminder": usual}

    @property
    def facts(self):
        """What change_task takes; the reminder keeps its distance when the task moves."""
        facts = super().facts
        cleaned = self.cleaned_data
        facts |= {name: cleaned[name] for name in ("description", "recurrence")}
        if "due_at" in facts or "reminder" in self.changed_data:
            facts["reminder_at"] = self._reminder_before(facts.get("due_at", self.task.due_at))
        return facts


class FinishForm(KeyedForm, QueueFields, WhenFields):
    """What came of a task and, in one go, the next step; `usual` means: what usually follows such an outcome."""

    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[("", _("done")), *CallOutcome.choices])
    notes = forms.CharField(
        label=_("What was said"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )
    next_step = forms.ChoiceField(
        label=_("Then"), required=False, choices=[("", _("No next step")), *NEXT_STEPS.items()]
    )
    owner = forms.TypedChoiceField(label=_("Who"), required=False, empty_value=None)
    usual = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, task, members, **kwargs):
        super().__init__(*args, auto_id="finish-%s", **kwargs)
        self.task = task
        choose_member(self.fields["owner"], members, initial=task.assigned_to)

    @property
    def outcomes(self):
        """Each outcome as it is offered: value, words, whether it is chosen, and what usually follows."""
        chosen = self["outcome"].value()
        for value, words in CallOutcome.choices:
            step, when = USUALLY[value]
            yield {"value": value, "words": words, "is_chosen": value == chosen, "step": step, "when": when}

    def clean(self):
        cleaned = super().clean()
        self.leaves_nothing(self.task.lead, done=self.task)
        return cleaned

    def asks_when(self):
        return bool(self.cleaned_data.get("next_step"))

    @property
    def facts(self):
        """What finish_task takes."""
        cleaned = self.cleaned_data
        facts = {name: cleaned[name] for name in ("outcome", "notes", "key")}
        if cleaned["usual"] and cleaned["outcome"]:
            facts["next_step"] = usual_step(cleaned["outcome"], owner=self.task.assigned_to, of=self.task)
        elif cleaned["next_step"]:
            facts["next_step"] = {
                "type": cleaned["next_step"],
                "title": str(NEXT_STEPS[cleaned["next_step"]]),
                "due_at": cleaned["due_at"],
                "assigned_to": cleaned["owner"],
            }
        return facts


def usual_step(outcome, *, owner=None, of=None):
    """The facts of the step that usually follows an outcome; whoever did not answer is called about the same again."""
    kind, when = USUALLY[outcome]
    is_same = of is not None and outcome in UNANSWERED
    step = {
        "type": of.type if is_same else kind,
        "title": of.title if is_same else str(NEXT_STEPS[kind]),
        "due_at": moment_of(when),
        "assigned_to": owner,
    }
    return step | ({"priority": of.priority, "description": of.description} if is_same else {})


class TaskSelectionForm(forms.Form):
    """Tasks ticked one by one (`task`, several), and what is to be done to them."""

    key = forms.CharField(required=False, max_length=64)
    member = forms.ModelChoiceField(ClinicUser.objects.none(), required=False)
    when = forms.ChoiceField(choices=[("", ""), *SnoozeForm.base_fields["when"].choices], required=False)

    def __init__(self, *args, kind, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["member"].queryset = ClinicUser.objects.active()
        self.fields["member"].required = kind == TaskAct.Kind.ASSIGN
        self.fields["when"].required = kind == TaskAct.Kind.SNOOZE

    def clean(self):
        cleaned = super().clean()
        try:
            cleaned["ids"] = tuple(dict.fromkeys(uuid.UUID(text) for text in self.data.getlist("task")))
        except ValueError:
            cleaned["ids"] = ()
        if len(cleaned["ids"]) > AT_MOST:
            raise forms.ValidationError(_("Choose fewer tasks: at most %(most)s at once.") % {"most": AT_MOST})
        return cleaned

    @property
    def facts(self):
        """What start_task_bulk takes, rows as ids."""
        if self.kind == TaskAct.Kind.ASSIGN:
            return {"member": str(self.cleaned_data["member"].pk)}
        if self.kind == TaskAct.Kind.SNOOZE:
            return {"until": moment_of(self.cleaned_data["when"]).isoformat()}
        return {}
