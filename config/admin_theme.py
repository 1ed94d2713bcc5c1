"""How the Django admin looks: its name, its colours, and the navigation beside it."""

from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": "Recare",
    "SITE_HEADER": _("Clinic settings"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "spa",
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 257)",
            "100": "oklch(93% .032 257)",
            "200": "oklch(88% .06 257)",
            "300": "oklch(81% .1 257)",
            "400": "oklch(70% .14 257)",
            "500": "oklch(58% .16 257)",
            "600": "oklch(48% .16 257)",
            "700": "oklch(42% .14 257)",
            "800": "oklch(37% .12 257)",
            "900": "oklch(32% .1 257)",
            "950": "oklch(25% .07 257)",
        }
    },
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"navigation": "config.navigation.admin_navigation", "show_search": False},
}
