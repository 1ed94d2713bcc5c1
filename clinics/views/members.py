"""Who works here: invite, change, deactivate, and let in again."""

from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.forms.members import InviteForm, MemberForm
from clinics.invitations import invite_member, resend_invitation, withdraw_invitation
from clinics.members import change_place, change_role, deactivate_member, reactivate_member
from clinics.models import ClinicUser, Invitation
from clinics.pages import page, paginate, part, toast, trigger
from clinics.second_factor import those_with_second_factor

LIST = "clinics/member_list.html"


@require_GET
@staff_page("staff:manage")
def member_list(request):
    return page(request, LIST, _everybody(request), part="member-list")


@require_http_methods(["GET", "POST"])
@staff_page("staff:manage")
def member_invite(request):
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = invite_member(form.cleaned_data.pop("email"), by=request.member, **form.cleaned_data)
        except RuleBroken as error:
            form.add_error("email", str(error))
        else:
            toast(request, _("%(email)s is invited") % {"email": invitation.email})
            return _answer(request)
    return _ask(request, "clinics/member_invite.html", {"form": form})


@require_http_methods(["GET", "POST"])
@staff_page("staff:manage")
def member_edit(request, pk):
    member = get_object_or_404(ClinicUser.objects.for_list(), pk=pk)
    form = MemberForm(request.POST or None, instance=member, by=request.member)
    if request.method == "POST" and form.is_valid():
        try:
            change_place(member, by=request.member, **form.place())
            change_role(member, form.cleaned_data["role"], by=request.member)
        except RuleBroken as error:
            form.add_error("role", str(error))
        else:
            toast(request, _("%(name)s is changed") % {"name": member.display_name})
            return _answer(request)
    return _ask(request, "clinics/member_edit.html", {"form": form, "member": member})


@require_POST
@staff_page("staff:manage")
def member_deactivate(request, pk):
    member = get_object_or_404(ClinicUser, pk=pk)
    return _act(
        request,
        lambda: deactivate_member(member, by=request.member),
        _("%(name)s is deactivated and signed out") % {"name": member.display_name},
        undo=("clinics:member_reactivate", member.pk),
    )


@require_POST
@staff_page("staff:manage")
def member_reactivate(request, pk):
    member = get_object_or_404(ClinicUser, pk=pk)
    return _act(
        request,
        lambda: reactivate_member(member, by=request.member),
        _("%(name)s is let in again") % {"name": member.display_name},
        undo=("clinics:member_deactivate", member.pk),
    )


@require_POST
@staff_page("staff:manage")
def invitation_resend(request, pk):
    invitation = get_object_or_404(Invitation, pk=pk)
    return _act(
        request,
        lambda: resend_invitation(invitation, by=request.member),
        _("The invitation to %(email)s is sent with a new link") % {"email": invitation.email},
    )


@require_POST
@staff_page("staff:manage")
def invitation_withdraw(request, pk):
    invitation = get_object_or_404(Invitation, pk=pk)
    return _act(
        request,
        lambda: withdraw_invitation(invitation, by=request.member),
        _("The invitation to %(email)s is withdrawn") % {"email": invitation.email},
        undo=("clinics:invitation_resend", invitation.pk),
    )


def _everybody(request):
    members = paginate(request, ClinicUser.objects.for_list())
    return {
        "page": members,
        "with_factor": those_with_second_factor([member.user_id for member in members]),
        "invitations": Invitation.objects.pending().for_list()[:100],
    }


def _act(request, act, message, *, undo=None):
    """Do one thing to one row, report it or the rule against it, and show the list as it is now."""
    try:
        act()
    except RuleBroken as error:
        toast(request, error, level="error")
    else:
        toast(request, message, undo=undo)
    return _answer(request)


def _answer(request):
    if not request.htmx:
        return redirect("clinics:member_list")
    response = part(request, f"{LIST}#member-list", _everybody(request))
    response["HX-Retarget"], response["HX-Reswap"] = "#member-list", "outerHTML"
    return trigger(response, "dialog:close", "members-changed")


def _ask(request, template, context):
    """The form in a dialog for htmx, on a page of its own otherwise; a refused one keeps what was typed."""
    status = 422 if context["form"].is_bound else 200
    return page(request, template, context, part="dialog", status=status)
