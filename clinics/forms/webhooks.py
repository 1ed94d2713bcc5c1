from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.members import Tagless

PREFIX = "secret_"


def secret_field(kind):
    """A field for a key that is typed in once and never shown again."""
    return forms.CharField(
        label=kind.label,
        help_text=kind.help,
        required=kind.required,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ConnectionForm(Tagless, forms.Form):
    """Name, settings and, the first time, the keys of a connection. A source inherits it and adds its own settings."""

    settings_fields = ()

    label = forms.CharField(label=_("Name"), max_length=80, help_text=_("As you will see it in the lists."))

    def __init__(self, *args, source, connection=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["label"].widget.attrs["autofocus"] = True
        self.secret_kinds = [] if connection else [kind for kind in source.secret_kinds if not kind.generated]
        for kind in self.secret_kinds:
            self.fields[PREFIX + kind.name] = secret_field(kind)
        self.initial = {"label": connection.label, **connection.settings} if connection else {"label": source.label}

    @property
    def layout(self):
        return Layout("label", *self.settings_fields, *(PREFIX + kind.name for kind in self.secret_kinds))

    def settings(self):
        """What the connection keeps, as JSON: rows by their ids."""
        chosen = {name: self.cleaned_data.get(name) for name in self.settings_fields}
        return {name: str(getattr(value, "pk", value)) for name, value in chosen.items() if value not in (None, "")}

    def secrets(self):
        return {kind.name: self.cleaned_data[PREFIX + kind.name].strip() for kind in self.secret_kinds}


class SecretForm(Tagless, forms.Form):
    """A new key in the place of an old one."""

    value = forms.CharField(
        label=_("New key"),
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    at_once = forms.BooleanField(
        label=_("The old one ends now"),
        required=False,
        help_text=_("Otherwise both are good for seven days, so that nothing is missed while you change it there."),
    )

    def __init__(self, *args, kind, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["value"].label = kind.label
        self.fields["value"].help_text = kind.help
        if kind.generated:
            del self.fields["value"]
        if kind.outgoing:
            del self.fields["at_once"]

    @property
    def layout(self):
        return Layout(*self.fields)


class TryForm(Tagless, forms.Form):
    """Something as the service would send it, to see what would be read out of it."""

    layout = Layout("text")

    text = forms.CharField(
        label=_("What is sent"),
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )
