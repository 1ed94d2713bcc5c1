from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm.keeping import LEAST, MOST


class KeepingForm(forms.Form):
    """How many years each class of data is kept; the fields are the settings of the clinic."""

    def __init__(self, *args, clinic, **kwargs):
        super().__init__(*args, **kwargs)
        for setting, least in LEAST.items():
            words = _("The law asks for at least %(least)s years.") % {"least": least}
            field = forms.IntegerField(
                label=capfirst(clinic._meta.get_field(setting).verbose_name),
                min_value=least,
                max_value=MOST,
                initial=getattr(clinic, setting),
                error_messages={"min_value": words},
            )
            field.widget.attrs |= {"class": "input input--sm", "inputmode": "numeric"}
            self.fields[setting] = field
