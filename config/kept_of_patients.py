"""What the rooms above keep of a patient, on one page: for the file that is handed to them.

`patients` knows none of them.
"""

# (patient) -> {name: rows as plain facts}
TELL = ["crm.kept_of_patients.tell_leads", "inbox.kept_of_patients.tell_conversations"]
# (patient) -> the same for people, as rows of the table: kind, when, what, status, amount, notes
LINES = ["crm.kept_of_patients.lines_of_leads", "inbox.kept_of_patients.lines_of_conversations"]
