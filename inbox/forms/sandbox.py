from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.documents.kinds import ACCEPT
from clinics.forms.members import Tagless
from inbox.addresses import normal_address
from inbox.models import Channel, MessageKind
from inbox.sandbox import Spoken

MOST_BYTES = 5 * 1024 * 1024
PLACEHOLDERS = {
    Channel.EMAIL: "ana@example.com",
    Channel.FACEBOOK_MESSENGER: "1234567",
    Channel.INSTAGRAM_DM: "1234567",
}


class SpeakForm(Tagless, forms.Form):
    """What a pretend patient writes to an account, from which address; on the phone, whether they speak on the tape."""

    address = forms.CharField(label=_("From"), max_length=254)
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    text = forms.CharField(
        label=_("Words"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 3}), strip=False
    )
    quotes = forms.BooleanField(label=_("Quote the last letter below"), required=False)
    file = forms.FileField(label=_("Picture or file"), required=False, widget=forms.FileInput(attrs={"accept": ACCEPT}))
    kind = forms.ChoiceField(
        label=_("They"),
        choices=[(MessageKind.CALL, _("call, and nobody answers")), (MessageKind.VOICEMAIL, _("speak on the tape"))],
    )
    seconds = forms.IntegerField(
        label=_("For so many seconds"), min_value=0, max_value=3600, initial=12, required=False
    )

    def __init__(self, *args, account, **kwargs):
        super().__init__(*args, **kwargs)
        self.account, channel = account, account.channel
        left_out = {"kind", "seconds"} if channel != Channel.VOICE else {"file"}
        left_out |= set() if channel == Channel.EMAIL else {"subject", "quotes"}
        for name in left_out:
            del self.fields[name]
        placeholder = PLACEHOLDERS.get(channel, "+1 312 555 0147")
        self.fields["address"].widget.attrs["placeholder"] = placeholder

    @property
    def layout(self):
        return Layout(*self.fields)

    def clean_address(self):
        address = normal_address(self.account.channel, self.cleaned_data["address"])
        if self.account.channel == Channel.EMAIL and "@" not in address:
            raise forms.ValidationError(_("This is no e-mail address."))
        return address

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is larger than 5 MB."))
        return file

    def clean(self):
        said = super().clean()
        needs_words = "kind" not in self.fields and not said.get("file")
        if needs_words and not said.get("text", "").strip():
            self.add_error("text", _("Write something."))
        return said

    def spoken(self):
        said = self.cleaned_data
        return Spoken(
            text=said["text"],
            subject=said.get("subject", ""),
            kind=said.get("kind") or MessageKind.TEXT,
            seconds=said.get("seconds"),
            quotes=said.get("quotes", False),
            file=said.get("file"),
        )
