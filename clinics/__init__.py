"""Owns the clinic, its people, the wall around it, and the record of what happened.

Main verbs: open_clinic, invite_member, change_role, deactivate_member, record, start_job, notify.
May import: nothing of ours. Imported by: everything.
"""
