"""Wires the house together: settings, addresses, background schedule and reactions.

The only layer that knows every app. Imports: everything. Imported by: nothing.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
