"""What the rooms above keep of a lead, on one page: how it is told, forgotten, and asked whether it is still in use.

`crm` knows none of them. Each is called inside the transaction of the lead: nothing outlives a lead that is erased.
"""

# (lead) -> {name: rows as plain facts}, for the file that is handed to the person
TELL = ["inbox.kept_of_leads.tell_conversations"]
# (leads) -> how many rows of what: {name: number}; files go when the transaction stands
FORGET = ["inbox.kept_of_leads.forget_conversations"]
# (moment) -> a query of the ids of leads with whom something happened from then on
IN_USE = ["inbox.kept_of_leads.spoken_with_since"]
# (lead_import, refusals) -> written down by whoever sends: with the leads of a batch, or not at all
KEEP_REFUSALS = ["inbox.refusals_of_files.keep_refusals"]
# (lead_import, lines that its undo has kept) -> at how many addresses the refusals of a file hold no longer
TAKE_BACK_REFUSALS = ["inbox.refusals_of_files.take_back_refusals"]
