"""What is done to many leads, and which they are."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.bulk import ChosenForm
from crm.bulk import Chosen
from crm.bulk_acts import Kind
from crm.forms.choosing import AssignForm, TagForm
from crm.forms.moving import LostForm
from crm.forms.timing import WhenFields
from crm.models import PipelineStage, TaskTemplate


class SelectionForm(ChosenForm):
    field, chosen_class = "lead", Chosen
    too_many = _("Choose fewer leads, or all that match.")


class BulkMoveForm(forms.Form):
    """The stage to move to; Lost asks for its reason and has a form of its own."""

    stage = forms.ModelChoiceField(PipelineStage.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stage"].queryset = PipelineStage.objects.exclude(kind=PipelineStage.Kind.LOST)


class BulkTaskForm(WhenFields):
    """A task for each of the leads: one of the clinic's templates, or a title and a moment."""

    template = forms.ModelChoiceField(TaskTemplate.objects.none(), required=False)
    title = forms.CharField(label=_("What is to be done"), required=False, max_length=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = TaskTemplate.objects.filter(is_active=True)

    def asks_when(self):
        return not self.cleaned_data.get("template")

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("template") and not cleaned.get("title"):
            self.add_error("title", _("Say what is to be done, or choose a template."))
        return cleaned


class NoFacts(forms.Form):
    """An act that needs to know nothing else."""


FORMS = {
    Kind.MOVE: BulkMoveForm,
    Kind.ASSIGN: AssignForm,
    Kind.TAG: TagForm,
    Kind.UNTAG: TagForm,
    Kind.TASK: BulkTaskForm,
    Kind.LOSE: LostForm,
    Kind.ARCHIVE: NoFacts,
    Kind.UNARCHIVE: NoFacts,
}


def facts_of(form):
    """What the form of an act says, rows as ids, ready to be kept."""
    cleaned = {name: value for name, value in form.cleaned_data.items() if name not in ("when", "chosen_at")}
    if cleaned.get("template"):
        return {"template": str(cleaned["template"].pk)}
    cleaned.pop("template", None)
    facts = {name: str(getattr(value, "pk", value)) for name, value in cleaned.items()}
    return facts | ({"due_at": cleaned["due_at"].isoformat()} if cleaned.get("due_at") else {})
