"""What the pages of the inbox draw: the mark of a channel, the day of a thread, colleagues, names in a note."""

from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinics.templatetags.memory import draw
from clinics.templatetags.ui import icon
from inbox.models import Channel
from inbox.shelves import CHANNEL_ICONS
from inbox.ways import in_words

register = template.Library()


@register.simple_tag
def channel_icon(channel):
    """The drawing of a channel, which says its name; nothing for none."""
    return icon(CHANNEL_ICONS[channel], label=Channel(channel).label) if channel else ""


@register.filter
def long_day(day):
    """Today, Yesterday, or the weekday with the date: what stands between the days of a thread."""
    return _long_day(day, timezone.localdate(), get_language())


@lru_cache(maxsize=4096)
def _long_day(day, today, _language):
    days = (today - day).days
    if days in (0, 1):
        return [_("Today"), _("Yesterday")][days]
    return date_format(day, _("D, M j") if day.year == today.year else _("D, M j, Y"))


@register.simple_tag
def colleagues(members, chosen=None, but=None, named=False, act_url=""):
    """Members to choose one of (without the one whose id is `but`), drawn once for all of the same names."""
    people = tuple((str(member.pk), member.display_name) for member in members if member.pk != but)
    facts = {"people": people, "chosen": str(chosen or ""), "named": named, "act_url": act_url}
    return draw("inbox/_colleagues.html", facts, get_language())


@register.filter
def with_mentions(note):
    """The words of a note, colleagues who are named in it set off."""
    words = conditional_escape(note.text)
    for mention in note.mentions.all() if "@" in note.text else ():
        name = conditional_escape(f"@{mention.member.display_name}")
        marked = format_html('<span class="mention">{}</span>', f"@{mention.member.display_name}")
        words = SafeString(words.replace(name, marked))
    return SafeString(words.replace("\n", "<br>"))


@register.filter
def signs(text):
    """The signs of a text that spaces part."""
    return text.split()


@register.filter
def address_in_words(row):
    """Where somebody is reached, as people write it, or the name that they go by there."""
    return in_words(row.channel, row.address) or row.display_name or Channel(row.channel).label
