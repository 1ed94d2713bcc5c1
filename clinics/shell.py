"""What the frame around every staff page shows: navigation, bell, clinics to switch to, permissions."""

from dataclasses import dataclass
from functools import cache, lru_cache, partial
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from clinics.access import Allowed
from clinics.counting import count_some, in_words
from clinics.models import ClinicUser, StaffNotification
from clinics.questions import Question

BELL = "bell"
NAVIGATIONS = 1000  # kept in a process: for each role, page and count of what waits
MOST = 100  # what waits is counted no further: the frame of a page must not grow with the clinic


@dataclass(frozen=True)
class Place:
    """An entry of the navigation as it is drawn; `key` follows a g, `count` says how many wait there, up to "99+"."""

    url: str
    label: str
    icon: str
    key: str
    count: str
    is_current: bool


@dataclass(frozen=True)
class PlaceSection:
    title: str
    items: tuple[Place, ...]


@dataclass(frozen=True)
class Desk:
    """Who sits at the desk, and of which clinic, in words; `clinics` are those they work for, (id, name) each."""

    clinic_id: UUID
    clinic_name: str
    clinics: tuple
    member_id: UUID
    name: str
    role: str


def shell(request):
    """Context processor: empty for people who are not at work in a clinic.

    A part of a page asks for none of it, so what costs a query is a function, which the template calls if it needs it.
    """
    member = getattr(request, "member", None)
    if member is None:
        return {"may": Allowed(None)}
    waiting = cache(partial(count_waiting, member))
    return {
        "may": Allowed(member),
        "nav": cache(lambda: navigation(request, waiting())),
        "desk": cache(partial(desk_of, request)),
        "unread_notifications": lambda: waiting()[BELL],
        "styleguide": settings.STYLEGUIDE,
    }


def desk_of(request):
    """The Desk at which a request was made."""
    member, clinic = request.member, request.clinic
    clinics = tuple((each.pk, each.name) for each in request.member_clinics)
    return Desk(clinic.pk, clinic.name, clinics, member.pk, member.display_name, str(member.get_role_display()))


def count_waiting(member):
    """What waits for a member, up to MOST each: {"bell": notices not read, view of an entry: who waits there}."""
    items = [item for section in _sections() for item in section.items if item.is_open_to(member)]
    waiting = tuple((item.view, item.waiting, item.waiting_for) for item in items if item.waiting or item.waiting_for)
    (counted,) = _waiting(waiting).rows(member=member.pk)
    return counted


@cache
def _waiting(entries):
    """The question that counts the bell and some entries of the navigation.

    Each is (view, path of who waits there, path of who waits there for the member), one of the paths empty.
    """

    def build(member):
        waiting = {view: import_string(path)() for view, path, _path in entries if path}
        waiting |= {view: import_string(path)(member) for view, _path, path in entries if path}
        questions = {BELL: StaffNotification.objects.of(member).unread()} | waiting
        return count_some(questions, most=MOST, beside=ClinicUser.objects.filter(pk=member))

    return Question(build)


def navigation(request, waiting):
    """The sections of the side navigation with the entries that this member may open; `waiting` as counted."""
    match = request.resolver_match
    entries = [item for section in _sections() for item in section.items if item.is_open_to(request.member)]
    shown = tuple((item.view, waiting.get(item.view)) for item in entries)
    return _navigation(shown, match.view_name if match else "", get_language())


@lru_cache(maxsize=NAVIGATIONS)
def _navigation(shown, current, _language):
    """The sections with the entries that are shown, (view, how many wait there) each, for the page with this view."""
    waiting, sections = dict(shown), []
    for section in _sections():
        shown_here = [item for item in section.items if item.view in waiting]
        items = tuple(item.shown(current, _badge(waiting[item.view])) for item in shown_here)
        if items:
            sections.append(PlaceSection(str(section.title), items))
    return tuple(sections)


def _badge(number):
    return in_words(number, most=MOST) if number else ""


def _sections():
    return import_string(settings.NAVIGATION)
