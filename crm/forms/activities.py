from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.access import may
from clinics.forms.keyed import KeyedForm
from clinics.templatetags.ui import phone
from crm.forms.timing import CHOSEN, THREE_DAYS, TOMORROW, TWO_HOURS, WhenFields
from crm.models import CallOutcome, TaskPriority, TaskType
from crm.next_step import has_date
from crm.task_lists import end_of_today

NEXT_STEPS = {
    TaskType.CALL: _("Call again"),
    TaskType.FOLLOW_UP: _("Follow up"),
    TaskType.SMS: _("Send a text"),
    TaskType.EMAIL: _("Send an e-mail"),
    TaskType.PAPERWORK_REMINDER: _("Send the paperwork"),
}
# What usually follows an outcome, as (next step, moment): offered by the form, never set without it.
USUALLY = {
    CallOutcome.SPOKE: (TaskType.FOLLOW_UP, THREE_DAYS),
    CallOutcome.VOICEMAIL: (TaskType.CALL, TOMORROW),
    CallOutcome.NO_ANSWER: (TaskType.CALL, TOMORROW),
    CallOutcome.WRONG_NUMBER: (TaskType.EMAIL, TWO_HOURS),
}


def choose_member(field, members, *, initial=None):
    """Make a TypedChoiceField offer the members of staff who work on leads."""
    workers = {str(member.pk): member for member in members if may(member, "task:update")}
    field.choices = [(pk, member.display_name) for pk, member in workers.items()]
    field.coerce = workers.get
    if initial is not None:
        field.initial = str(initial.pk)


class QueueFields(forms.Form):
    """What is asked of a form that was opened from the queue, which nobody leaves without a next step and its date."""

    queue = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def leaves_nothing(self, lead, *, done=None):
        """Whether a lead of the queue would stand without a next step once the task `done` is; says so in the form."""
        cleaned = self.cleaned_data
        if not cleaned.get("queue") or cleaned.get("next_step") or has_date(lead, but=done):
            return False
        words = _("Nobody leaves the queue without a next step. Choose one, or mark the lead as lost.")
        self.add_error("next_step", words)
        return True


class CallForm(KeyedForm, QueueFields, WhenFields):
    """What came of a call and, in one go, the next step."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=CallOutcome, widget=forms.RadioSelect)
    notes = forms.CharField(label=_("What was said"), required=False, max_length=5000, widget=forms.Textarea)
    duration_minutes = forms.IntegerField(
        label=_("Minutes"),
        required=False,
        min_value=0,
        max_value=600,
        widget=forms.NumberInput(attrs={"min": 0, "max": 600}),
    )
    number = forms.ChoiceField(label=_("Number called"), required=False)
    next_step = forms.ChoiceField(
        label=_("Then"), required=False, choices=[("", _("No next step")), *NEXT_STEPS.items()]
    )
    owner = forms.TypedChoiceField(label=_("Who"), required=False, empty_value=None)

    def __init__(self, *args, lead, members, **kwargs):
        super().__init__(*args, auto_id="call-%s", **kwargs)
        self.lead = lead
        choose_member(self.fields["owner"], members, initial=lead.assigned_to)
        numbers = [number for number in (lead.phone_e164, lead.phone_alt_e164) if number]
        self.fields["number"].choices = [(number, phone(number)) for number in numbers]
        if len(numbers) < 2:
            del self.fields["number"]

    @property
    def outcomes(self):
        """Each outcome as it is offered: value, words, whether it is chosen, and what usually follows."""
        chosen = self["outcome"].value()
        for value, words in CallOutcome.choices:
            step, when = USUALLY[value]
            yield {"value": value, "words": words, "is_chosen": value == chosen, "step": step, "when": when}

    def clean(self):
        cleaned = super().clean()
        is_settled = cleaned.get("queue") and cleaned.get("outcome") == CallOutcome.SPOKE
        settled = self.lead.tasks.talks_due_before(end_of_today()).first() if is_settled else None
        self.leaves_nothing(self.lead, done=settled)
        return cleaned

    def asks_when(self):
        return bool(self.cleaned_data.get("next_step"))

    @property
    def facts(self):
        """What log_call takes."""
        cleaned = self.cleaned_data
        facts = {name: cleaned[name] for name in ("outcome", "notes", "duration_minutes", "key")}
        facts["number"] = cleaned.get("number", "")
        if cleaned["next_step"]:
            facts["next_step"] = {
                "type": cleaned["next_step"],
                "title": str(NEXT_STEPS.get(cleaned["next_step"], "")),
                "due_at": cleaned["due_at"],
                "assigned_to": cleaned["owner"],
            }
        return facts


class CallCorrectionForm(CallForm):
    """A logged call opened again: what came of it, what was said, and the step that was set with it."""

    def __init__(self, *args, activity, task, **kwargs):
        self.activity, self.task = activity, task
        super().__init__(*args, **kwargs)
        self.fields.pop("number", None)
        self.initial = {name: getattr(activity, name) for name in ("outcome", "notes", "duration_minutes")}
        if task is not None:
            self.fields["next_step"].choices = [*self.fields["next_step"].choices, *_step_as_it_is(task)]
            self.initial |= {"next_step": task.type, "when": CHOSEN, "chosen_at": _to_the_minute(task.due_at)}
            self.initial["owner"] = str(task.assigned_to_id or "")

    def asks_when(self):
        return super().asks_when() and (self.task is None or _is_moved(self))

    @property
    def facts(self):
        """What correct_activity takes; a step that stays keeps its title, and its moment unless another was chosen."""
        facts = super().facts
        step = facts.get("next_step")
        if step and self.task is not None and step["type"] == self.task.type:
            step["title"] = self.task.title
        if step and self.task is not None and not _is_moved(self):
            step["due_at"] = self.task.due_at
        return {name: facts[name] for name in ("outcome", "notes", "duration_minutes")} | {"next_step": step}


def _is_moved(form):
    return bool({"when", "chosen_at"} & set(form.changed_data))


def _to_the_minute(moment):
    return moment.replace(second=0, microsecond=0)


def _step_as_it_is(task):
    return [] if task.type in NEXT_STEPS else [(task.type, task.title)]


class NoteForm(KeyedForm):
    """Words that only staff read."""

    text = forms.CharField(label=_("Note"), max_length=5000, widget=forms.Textarea)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="note-%s", **kwargs)


class NoteCorrectionForm(NoteForm):
    """A note opened again."""

    def __init__(self, *args, activity, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"text": activity.notes}

    @property
    def facts(self):
        """What correct_activity takes."""
        return {"notes": self.cleaned_data["text"]}


class TaskForm(KeyedForm, WhenFields):
    """Something to be done about a lead."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    type = forms.ChoiceField(label=_("Kind"), choices=TaskType, initial=TaskType.FOLLOW_UP, required=False)
    priority = forms.ChoiceField(label=_("Priority"), choices=TaskPriority, initial=TaskPriority.NORMAL, required=False)
    owner = forms.TypedChoiceField(label=_("Who"), required=False, empty_value=None)

    def __init__(self, *args, lead, members, **kwargs):
        super().__init__(*args, auto_id="task-%s", **kwargs)
        choose_member(self.fields["owner"], members, initial=lead.assigned_to)

    @property
    def facts(self):
        """What add_task takes."""
        cleaned = self.cleaned_data
        return {
            "title": cleaned["title"],
            "type": cleaned["type"] or TaskType.FOLLOW_UP,
            "priority": cleaned["priority"] or TaskPriority.NORMAL,
            "due_at": cleaned["due_at"],
            "assigned_to": cleaned["owner"],
            "key": cleaned["key"],
        }


class TaskChangeForm(TaskForm):
    """A task opened again, to be reworded, put off or given to somebody else."""

    def __init__(self, *args, task, **kwargs):
        super().__init__(*args, lead=task.lead, **kwargs)
        self.initial = {"title": task.title, "type": task.type, "priority": task.priority, "when": CHOSEN}
        self.initial |= {"chosen_at": _to_the_minute(task.due_at), "owner": str(task.assigned_to_id or "")}

    def asks_when(self):
        return _is_moved(self)

    @property
    def facts(self):
        """What change_task takes."""
        facts = {name: value for name, value in super().facts.items() if name != "key"}
        return facts if self.asks_when() else {name: value for name, value in facts.items() if name != "due_at"}
