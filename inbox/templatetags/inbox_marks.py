"""What the pages of the inbox draw: the mark of a channel, the day of a thread, colleagues, names in a note."""

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from clinics.templatetags.memory import draw
from clinics.templatetags.ui import icon
from inbox.drawing import day_line, new_line
from inbox.models import Channel
from inbox.shelves import CHANNEL_ICONS
from inbox.ways import in_words

register = template.Library()
STANDING_OUT = {"mine", "mentions", "nobodys", "unread"}  # what somebody has to see to


@register.simple_tag
def channel_icon(channel):
    """The drawing of a channel, which says its name; nothing for none."""
    return icon(CHANNEL_ICONS[channel], label=Channel(channel).label) if channel else ""


register.filter("day_line", day_line)
register.simple_tag(new_line, name="new_line")


@register.simple_tag
def colleagues(members, chosen=None, but=None, named=False, act_url=""):
    """Members to choose one of (without the one whose id is `but`), drawn once for all of the same names."""
    people = tuple((str(member.pk), member.display_name) for member in members if member.pk != but)
    facts = {"people": people, "chosen": str(chosen or ""), "named": named, "act_url": act_url}
    return draw("inbox/_colleagues.html", facts, get_language())


@register.simple_tag
def shelves(bar):
    """The shelves, channels and tags of a ShelfBar, drawn once for all of the same numbers."""
    facts = {
        "shelves": tuple(
            (shelf.key, shelf.icon, str(shelf.label), bar.in_words(number), shelf.key in STANDING_OUT, is_here)
            for shelf, number, is_here in bar.shelves
        ),
        "channels": tuple((each.value, drawing, str(each.label), is_here) for each, drawing, is_here in bar.channels),
        "tags": tuple((str(tag.pk), "tag", tag.name, is_here) for tag, is_here in bar.tags),
    }
    return draw("inbox/_shelves.html", facts, get_language())


@register.simple_tag
def tags_to_put_on(conversation, tags):
    """The tags of the clinic as buttons that put each on a conversation, or take it off."""
    facts = {"conversation": str(conversation.pk), "tags": tuple((str(tag.pk), tag.name, tag.is_on) for tag in tags)}
    return draw("inbox/_tags.html", facts, get_language())


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
