"""Headings by which a file says who does not want to be written to or called.

They are given plain: lower case, without accents and signs, one space between words.
"""

import re

NEGATIVE = re.compile(
    r"\b(opt(ed)? ?outs?|unsubscribed?|unsub|do not|dont|don t|dnd|dnc"
    r"|no (contact|e ?mails?|texts?|sms|calls?|contactar|llamar)|baja|kontaktsperre|werbesperre|nicht kontaktieren"
    r"|ne pas contacter|non contattare|nao contactar)\b"
)
POSITIVE = re.compile(
    r"\b(opt(ed)? ?ins?|consents?|ok to|ok for|(text|call|e ?mail|sms) ok|allows?|allowed|accepts?|permission"
    r"|subscribed|newsletter|(can|may) (call|text|e ?mail|contact)|send( me)?( marketing)? (e ?mails?|texts?|sms|news)"
    r"|(subscription|marketing( contact)?|e ?mail|e ?mail marketing|sms) (status|preference)"
    r"|consentimiento|acepta|autoriza|einwilligung|werbeeinwilligung|consentement|consenso|consentimento)\b"
)
OF_NEWS = re.compile(
    r"\b(opt(ed)? ?ins?|consents?|newsletter|news|marketing|subscribed|subscription|publicidad|promociones"
    r"|consentimiento|acepta|autoriza|einwilligung|werbeeinwilligung|consentement|consenso|consentimento)\b"
)
OTHER_CONSENTS = re.compile(
    r"\b(fax|hipaa|treatment|photos?|form|informed|signed|procedure|surgery|credit|financing)\b"
)
WAYS = (
    ("email", re.compile(r"\b(e ?mails?|mails?|correos?|mailing)\b")),
    ("text", re.compile(r"\b(sms|texts?|texting|whatsapp|mensajes?)\b")),
    ("call", re.compile(r"\b(calls?|calling|phone|voice|llamar|llamadas?)\b")),
)
NAMES = {"email": "no_email", "text": "no_texts", "call": "no_calls"}


def refusal_target(words):
    """What a heading says of refusals: "" for nothing, None where it cannot be told, else one of a few names.

    These are no_contact, no_email, no_texts and no_calls for one whose yes refuses, may_email, may_text, may_call and
    agreed_news for one whose no does.
    """
    is_negative, is_positive = bool(NEGATIVE.search(words)), bool(POSITIVE.search(words))
    if not (is_negative or is_positive) or OTHER_CONSENTS.search(words):
        return ""
    if is_negative and is_positive:
        return None
    ways = [way for way, pattern in WAYS if pattern.search(words)]
    if is_negative:
        return NAMES[ways[0]] if len(ways) == 1 else "no_contact"
    if len(ways) > 1:
        return None
    return f"may_{ways[0]}" if ways else "agreed_news" if OF_NEWS.search(words) else ""
