"""Making the forms that visitors fill in, with a preview beside them and the lines to put on the clinic's own site."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.models.clinic import LANGUAGES
from clinics.pages import page, paginate, part, toast
from crm.embedding import snippets
from crm.forms.asking import AskForm
from crm.forms.building import BuilderForm, moved
from crm.lead_forms import blank_form, create_form, edit_form, set_form_open
from crm.models import LeadForm
from crm.own_questions import is_own_name, new_question
from crm.rules import SomebodyWasFaster
from crm.views.booking import preview_of
from crm.views.public_forms import page_of

REARRANGING = {"move", "add", "remove"}


@require_GET
@staff_page("lead:configure")
def form_list(request):
    """The clinic's forms, and what each has brought."""
    return page(request, "crm/form_list.html", {"page": paginate(request, LeadForm.objects.for_list())})


@require_http_methods(["GET", "POST"])
@staff_page("lead:configure")
def form_create(request):
    asked = request.GET.get("use")
    use = asked if asked in LeadForm.Use.values else LeadForm.Use.WEB
    return build(request, blank_form(request.clinic, use=use))


@require_http_methods(["GET", "POST"])
@staff_page("lead:configure")
def form_edit(request, pk):
    return build(request, get_object_or_404(LeadForm.objects.select_related("clinic"), pk=pk))


def build(request, lead_form):
    """The builder: shown, an order changed without saving, refused with what was typed, or saved."""
    builder = BuilderForm(with_changed_rows(request.POST) or None, instance=lead_form, clinic=request.clinic)
    if request.method == "GET" or REARRANGING & request.POST.keys():
        return show_builder(request, builder, lead_form)
    if not builder.is_valid():
        return show_builder(request, builder, lead_form, status=422)
    try:
        saved = save(lead_form, builder, by=request.member)
    except RuleBroken as broken:
        builder.refuse(broken)
        status = 409 if isinstance(broken, SomebodyWasFaster) else 422
        return show_builder(request, builder, lead_form, status=status)
    toast(request, _("%(form)s is saved.") % {"form": saved})
    return redirect("crm:form_edit", saved.pk)


def save(lead_form, builder, *, by):
    if lead_form._state.adding:
        return create_form(builder.clinic, builder.values, by=by)
    return edit_form(lead_form, builder.values, version=builder.cleaned_data["version"], by=by)


def with_changed_rows(posted):
    """What was posted, with one field moved (move=phone:up), a question of one's own added, or one removed."""
    names, (name, _colon, way) = posted.getlist("field"), posted.get("move", "").partition(":")
    if "add" in posted:
        asked = [place for place, each in enumerate(names, 1) if is_own_name(each) or f"on_{each}" in posted]
        names.insert(max(asked, default=0), new_question()["name"])
    elif posted.get("remove") in names:
        names = [each for each in names if each != posted["remove"]]
    elif name in names:
        names = moved(names, name, way)
    else:
        return posted
    posted = posted.copy()
    posted.setlist("field", names)
    return posted


def show_builder(request, builder, lead_form, status=200):
    is_new = lead_form._state.adding
    context = {
        "builder": builder,
        "lead_form": lead_form,
        "is_new": is_new,
        "languages": LANGUAGES,
        "srcdoc": drawn(request, builder),
        "snippets": [] if is_new or lead_form.is_walk_in else snippets(lead_form),
    }
    return page(request, "crm/form_edit.html", context, status=status)


@require_POST
@staff_page("lead:configure")
def form_preview(request):
    """The form as it would look, from what stands in the builder at this moment; nothing is saved."""
    builder = BuilderForm(request.POST, instance=blank_form(request.clinic), clinic=request.clinic)
    html = drawn(request, builder)
    if not request.htmx:
        return HttpResponse(html)
    return part(request, "crm/form_edit.html#preview", {"srcdoc": html})


def drawn(request, builder):
    lead_form = builder.drawn() if builder.is_bound else builder.instance
    language = request.POST.get("shown_in") or lead_form.language or translation.get_language()[:2]
    with translation.override(language if language in dict(LANGUAGES) else "en"):
        if lead_form.is_booking:
            return render_to_string(*preview_of(request, lead_form), request)
        context = page_of(request, lead_form, AskForm(lead_form=lead_form)) | {"is_preview": True}
        return render_to_string("crm/public_form.html", context, request)


@require_POST
@staff_page("lead:configure")
def form_close(request, pk):
    """Close a form to visitors; its address answers that there is nothing."""
    form = set_form_open(get_object_or_404(LeadForm, pk=pk), False, by=request.member)
    toast(request, _("%(form)s is closed.") % {"form": form}, undo=("crm:form_open", pk))
    return redirect("crm:form_list")


@require_POST
@staff_page("lead:configure")
def form_open(request, pk):
    form = set_form_open(get_object_or_404(LeadForm, pk=pk), True, by=request.member)
    toast(request, _("%(form)s is open again, at the same address.") % {"form": form})
    return redirect("crm:form_list")
