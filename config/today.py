"""Which panels the rooms add to the page of the day, in the order in which they stand in its margin.

A panel is a function (member, everybody) -> {"template": …, and what it shows} or None if it has nothing to say.
"""

PANELS = ["inbox.today_panels.waiting_conversations"]
