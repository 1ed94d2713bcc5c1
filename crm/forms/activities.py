import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.access import may
from crm.forms.timing import WhenFields
from crm.models import CallOutcome, TaskPriority, TaskType

NEXT_STEPS = {
    TaskType.CALL: _("Call again"),
    TaskType.FOLLOW_UP: _("Follow up"),
    TaskType.SMS: _("Send a text"),
    TaskType.EMAIL: _("Send an e-mail"),
    TaskType.PAPERWORK_REMINDER: _("Send the paperwork"),
}


def new_key():
    return uuid.uuid4().hex


class KeyedForm(forms.Form):
    """A form whose hidden key makes sure that sending it twice acts once."""

    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, required=False, max_length=64)


def choose_member(field, members, *, initial=None):
    """Make a TypedChoiceField offer the members of staff who work on leads."""
    workers = {str(member.pk): member for member in members if may(member, "task:update")}
    field.choices = [(pk, member.display_name) for pk, member in workers.items()]
    field.coerce = workers.get
    if initial is not None:
        field.initial = str(initial.pk)


class CallForm(KeyedForm, WhenFields):
    """What came of a call and, in one go, the next step."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=CallOutcome, widget=forms.RadioSelect)
    notes = forms.CharField(label=_("What was said"), required=False, max_length=5000, widget=forms.Textarea)
    next_step = forms.ChoiceField(
        label=_("Then"), required=False, choices=[("", _("No next step")), *NEXT_STEPS.items()]
    )
    owner = forms.TypedChoiceField(label=_("Who"), required=False, empty_value=None)

    def __init__(self, *args, lead, members, **kwargs):
        super().__init__(*args, auto_id="call-%s", **kwargs)
        choose_member(self.fields["owner"], members, initial=lead.assigned_to)

    def asks_when(self):
        return bool(self.cleaned_data.get("next_step"))

    @property
    def facts(self):
        """What log_call takes."""
        cleaned = self.cleaned_data
        facts = {"outcome": cleaned["outcome"], "notes": cleaned["notes"], "key": cleaned["key"]}
        if cleaned["next_step"]:
            facts["next_step"] = {
                "type": cleaned["next_step"],
                "title": str(NEXT_STEPS[cleaned["next_step"]]),
                "due_at": cleaned["due_at"],
                "assigned_to": cleaned["owner"],
            }
        return facts


class NoteForm(KeyedForm):
    """Words that only staff read."""

    text = forms.CharField(label=_("Note"), max_length=5000, widget=forms.Textarea)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="note-%s", **kwargs)


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
