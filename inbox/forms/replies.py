from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.documents.kinds import ACCEPT
from clinics.forms.files import ManyFiles, ManyFilesField
from crm.forms.timing import WhenFields
from inbox.approved import field_of, places_of
from inbox.merge_fields import missing_in
from inbox.models import ApprovedTemplate, Channel

NOTE = "NOTE"
RESOLVE = "resolve"
MOST_LETTERS = 10_000


class ReplyForm(WhenFields):
    """What is written to a person, or among colleagues: by which channel, the words, files, and when it goes."""

    channel = forms.ChoiceField(choices=[*Channel.choices, (NOTE, _("Note"))])
    subject = forms.CharField(max_length=200, required=False, strip=True)
    text = forms.CharField(max_length=MOST_LETTERS, required=False, strip=True)
    files = ManyFilesField(required=False, widget=ManyFiles(attrs={"accept": ACCEPT, "multiple": True}))
    template = forms.UUIDField(required=False)
    canned = forms.UUIDField(required=False)
    key = forms.UUIDField()
    then = forms.ChoiceField(choices=[("", ""), (RESOLVE, "")], required=False)
    when = forms.ChoiceField(choices=[("", ""), *WhenFields.base_fields["when"].choices], required=False)

    def asks_when(self):
        return bool(self.data.get("when"))

    def clean_template(self):
        pk = self.cleaned_data["template"]
        found = ApprovedTemplate.objects.filter(pk=pk, is_active=True).first() if pk else None
        if pk and found is None:
            raise forms.ValidationError(_("This template is not in use any more."))
        return found

    def clean(self):
        cleaned = super().clean()
        missing = missing_in(cleaned.get("text", "")) if cleaned.get("channel") != NOTE else []
        if missing:
            self.add_error("text", _("Not known yet, please write it yourself: %s.") % ", ".join(missing))
        cleaned["files"] = [upload for upload in cleaned.get("files") or () if upload]
        template = cleaned.get("template")
        if template is not None:
            cleaned["values"] = self._values_of(template)
        elif not cleaned.get("text") and not cleaned.get("files") and not self.errors:
            self.add_error("text", _("Write something first."))
        return cleaned

    def _values_of(self, template):
        count = max(places_of(template.text), default=0)
        typed = [self.data.get(field_of(template, number), "") for number in range(1, count + 1)]
        values = [text.strip()[:200] for text in typed]
        if not all(values):
            self.add_error("template", _("Fill in every place of the template."))
        return values

    @property
    def is_note(self):
        return self.cleaned_data["channel"] == NOTE

    @property
    def reply(self):
        """What is to be sent, in the words of send_reply."""
        facts = self.cleaned_data
        later = facts["due_at"] if self.asks_when() else None
        kept = {name: facts[name] for name in ("channel", "text", "subject", "files", "template", "canned")}
        return kept | {
            "not_before": later,
            "values": facts.get("values"),
            "then_resolve": facts["then"] == RESOLVE,
        }


class DraftForm(forms.Form):
    """What stands in the composer while somebody types."""

    version = forms.IntegerField(min_value=0)
    channel = forms.ChoiceField(choices=[*Channel.choices, (NOTE, "")], required=False)
    subject = forms.CharField(max_length=200, required=False, strip=False)
    text = forms.CharField(max_length=MOST_LETTERS, required=False, strip=False)
