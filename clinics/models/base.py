from django.db import models
from django.db.models.manager import Manager
from django.forms import ModelChoiceField
from django_scopes import ScopedManager as scoped_manager
from django_scopes import get_scope
from uuid_utils.compat import uuid7


def current_clinic_id():
    """Return the id of the clinic whose scope is open, or None outside of any."""
    clinic = get_scope().get("clinic")
    return getattr(clinic, "pk", clinic)


class ScopedManager:
    """Managers that answer with rows of the open clinic only, and refuse to answer outside of a clinic."""

    @staticmethod
    def of(queryset_class):
        """Build the manager of a model from its QuerySet class."""
        return scoped_manager(clinic="clinic", _manager_class=Manager.from_queryset(queryset_class))


class OpenClinicChoiceField(ModelChoiceField):
    """A choice of rows that is looked up when a form is made, not when its class is read: then a clinic is open."""

    def __init__(self, queryset, **kwargs):
        self.chosen_from = queryset.model
        super().__init__(None, **kwargs)

    def __deepcopy__(self, memo):
        copied = super().__deepcopy__(memo)
        if copied.queryset is None and current_clinic_id() is not None:
            copied.queryset = self.chosen_from.objects.all()
        return copied


class ClinicForeignKey(models.ForeignKey):
    """A link between two rows of one clinic.

    The database constraint is composite, (clinic, id), and written by `clinics.wall`: row-level security does not
    guard foreign keys, so a plain one would accept the id of another clinic's row.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs | {"db_constraint": False, "db_index": False})

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        kwargs.pop("db_index", None)
        return name, path, args, kwargs

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": OpenClinicChoiceField} | kwargs)


class ClinicOneToOneField(ClinicForeignKey, models.OneToOneField):
    """A ClinicForeignKey that at most one row may hold; the model adds the unique constraint with the clinic in it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._unique = False


class ClinicModel(models.Model):
    """A row that belongs to one clinic, behind both walls: scoped manager here, row-level security below."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinic = models.ForeignKey(
        "clinics.Clinic",
        on_delete=models.CASCADE,
        related_name="+",
        editable=False,
        db_index=False,
        default=current_clinic_id,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager.of(models.QuerySet)

    class Meta:
        abstract = True


def clinic_index(*fields, name, **kwargs):
    """An index that leads with the clinic, as every index of a clinic's table must."""
    return models.Index(fields=["clinic", *fields], name=name, **kwargs)
