"""A month of commissions, and the form of a rule: it writes the JSON, nobody has to."""

from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from clinics.forms.keyed import KeyedForm
from crm.commissions.reckoning import Terms
from crm.commissions.rules import ROLE_WORDS, ROLES, faults_of
from crm.figures.cohort import months_earlier
from crm.forms.spend import MonthField
from crm.models import ProcedureCode
from patients.models import Provider, ProviderRole

TIERS = 4
PAYS = [("percent", _("A percentage of each payment")), ("flat", _("A fixed amount")), ("tiers", _("Tiers"))]
PER = [("patient", _("for each new patient")), ("payment", _("for each payment"))]


class MonthForm(forms.Form):
    """Which month, and whose statement; last month, where nothing or nonsense is asked."""

    month = MonthField(label=_("Month"), required=False)
    who = forms.CharField(required=False, max_length=60)

    @property
    def chosen(self):
        self.is_valid()
        return self.cleaned_data.get("month") or months_earlier(timezone.localdate(), 1)


def _percent(label, *, required=False):
    field = forms.DecimalField(label=label, required=required, min_value=0, max_value=100, decimal_places=2)
    field.widget.attrs |= {"inputmode": "decimal", "step": "0.01"}
    return field


def _number(value):
    """A decimal as JSON keeps it: 5 rather than 5.00."""
    return int(value) if value == int(value) else float(value)


def _units(cents):
    """Cents as they are typed: 1500000 as 15000, 4050 as 40.50."""
    return None if cents is None else cents // 100 if cents % 100 == 0 else Decimal(cents) / 100


class CommissionRuleForm(KeyedForm):
    """Everything that a rule may say, field by field; `like` is the rule that a new one begins as."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    name = forms.CharField(label=_("Name"), max_length=120)
    provider = forms.ModelChoiceField(Provider.objects.none(), label=_("Only for visits of"), required=False)
    provider_role = forms.ChoiceField(
        label=_("Only for visits of the role"), choices=[("", _("every role")), *ProviderRole.choices], required=False
    )
    effective_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    effective_until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    pays = forms.ChoiceField(label=_("Pays"), choices=PAYS, initial="percent")
    percent = _percent(_("Percent of each payment"), required=True)
    flat = forms.DecimalField(label=_("Fixed amount"), min_value=0, max_digits=9, decimal_places=2)
    per = forms.ChoiceField(label=_("Paid"), choices=PER)

    def __init__(self, *args, rule=None, like=None, **kwargs):
        self.rule = rule
        super().__init__(*args, initial=self._initial(rule or like) | self._days_after(like), **kwargs)
        self.fields["seen"].initial = rule and rule.updated_at.isoformat()
        self.fields["provider"].queryset = Provider.objects.in_order()
        self.fields["provider"].empty_label = _("everybody")
        for number in range(TIERS):
            place = {"n": number + 1}
            self.fields[f"tier_{number}_from"] = forms.DecimalField(
                label=_("Tier %(n)s: collected from") % place,
                required=False,
                min_value=0,
                max_digits=11,
                decimal_places=2,
            )
            self.fields[f"tier_{number}_percent"] = _percent(_("Tier %(n)s: percent") % place)
        for code, label in ProcedureCode.choices:
            self.fields[f"procedure_{code}"] = _percent(label)
        for role in ROLES:
            self.fields[f"split_{role}"] = _percent(capfirst(ROLE_WORDS[role]))

    def _initial(self, rule):
        if rule is None:
            return {"effective_from": timezone.localdate().replace(day=1), "split_coordinator": 100}
        said = rule.rule
        initial = {"name": rule.name, "provider": rule.provider_id, "effective_from": rule.effective_from}
        initial["provider_role"] = rule.provider_role
        initial |= {"effective_until": rule.effective_until, "pays": said["pays"], "percent": said.get("percent")}
        initial |= {"flat": _units(said.get("flat_cents")), "per": said.get("per")}
        for number, (start, percent) in enumerate(said.get("tiers", [])):
            initial |= {f"tier_{number}_from": _units(start), f"tier_{number}_percent": percent}
        initial |= {f"procedure_{code}": percent for code, percent in said.get("procedures", {}).items()}
        return initial | {f"split_{role}": percent for role, percent in said["split"].items()}

    def _days_after(self, like):
        """A rule that follows another begins on the day after it, or with this month while that has no end."""
        if like is None:
            return {}
        until = like.effective_until
        since = until + timedelta(days=1) if until else timezone.localdate().replace(day=1)
        return {"effective_from": since, "effective_until": None}

    @property
    def tier_fields(self):
        return [(self[f"tier_{number}_from"], self[f"tier_{number}_percent"]) for number in range(TIERS)]

    @property
    def procedure_fields(self):
        return [self[f"procedure_{code}"] for code in ProcedureCode.values]

    @property
    def split_fields(self):
        return [self[f"split_{role}"] for role in ROLES]

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("effective_from"), cleaned.get("effective_until")
        if since and until and until < since:
            self.add_error("effective_until", _("The last day comes before the first one."))
        if cleaned.get("pays") == "tiers":
            self._check_tiers()
        for name in self._out_of_sight:
            self.errors.pop(name, None)
        if not self.errors:
            places = {"tiers": "tier_0_from", "split": "split_coordinator", "procedures": "procedure_BTX"}
            for field, words in faults_of(self.json, ProcedureCode.values):
                self.add_error(places.get(field, field), words)
        return cleaned

    @property
    def _out_of_sight(self):
        """The fields of the ways of paying that were not chosen: what stands in them does not count."""
        pays = self.cleaned_data.get("pays")
        tiers = [f"tier_{number}_{name}" for number in range(TIERS) for name in ("from", "percent")]
        others = {"percent": ["percent"], "flat": ["flat", "per"], "tiers": tiers}
        others["procedures"] = [f"procedure_{code}" for code in ProcedureCode.values] if pays == "flat" else []
        return [name for way, names in others.items() if way != pays for name in names]

    def _check_tiers(self):
        """A tier that is begun is told to its end."""
        for number in range(TIERS):
            start, percent = (self.cleaned_data.get(f"tier_{number}_{name}") for name in ("from", "percent"))
            if start is not None and percent is None and f"tier_{number}_percent" not in self.errors:
                self.add_error(f"tier_{number}_percent", _("Say the percentage of this tier."))
            if start is None and percent is not None and number and f"tier_{number}_from" not in self.errors:
                self.add_error(f"tier_{number}_from", _("Say where this tier begins."))

    @property
    def last_seen(self):
        """The moment of the last change that was known to whoever fills this in, None if nothing says it."""
        try:
            return parse_datetime(self.cleaned_data["seen"] or "")
        except ValueError:
            return None

    @property
    def json(self):
        """The rule as it is kept."""
        cleaned, pays = self.cleaned_data, self.cleaned_data["pays"]
        split = {role: cleaned.get(f"split_{role}") for role in ROLES}
        rule = {"pays": pays, "split": {role: _number(share) for role, share in split.items() if share}}
        if pays == "percent":
            rule["percent"] = None if cleaned.get("percent") is None else _number(cleaned["percent"])
        if pays == "flat":
            rule |= {"flat_cents": int((cleaned.get("flat") or 0) * 100), "per": cleaned.get("per")}
        if pays == "tiers":
            rule["tiers"] = self._tiers
        procedures = {code: cleaned.get(f"procedure_{code}") for code in ProcedureCode.values}
        if pays != "flat" and any(share is not None for share in procedures.values()):
            rule["procedures"] = {code: _number(share) for code, share in procedures.items() if share is not None}
        return rule

    @property
    def _tiers(self):
        pairs = [
            (self.cleaned_data.get(f"tier_{number}_from"), self.cleaned_data.get(f"tier_{number}_percent"))
            for number in range(TIERS)
        ]
        return [[int((start or 0) * 100), _number(percent)] for start, percent in pairs if percent is not None]

    @property
    def values(self):
        """The fields of CommissionRule."""
        names = ("name", "provider", "provider_role", "effective_from", "effective_until")
        return {name: self.cleaned_data[name] for name in names} | {"rule": self.json}

    @property
    def terms(self):
        """The rule as it would be reckoned with, from whenever on: for what it would have paid last month."""
        provider = self.cleaned_data["provider"]
        pk = str(self.rule.pk) if self.rule else "tried"
        limited_to = str(provider.pk) if provider else None
        role = self.cleaned_data["provider_role"]
        return Terms(pk, self.cleaned_data["name"], self.json, limited_to, date(2000, 1, 1), None, role)
