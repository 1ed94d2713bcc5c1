"""Owns leads and the pipeline: who asked, where they came from, what was said, what is next, and what became of it.

Main verbs: keep_submission, process_submission, replay_submission, ignore_submission, capture_lead, edit_lead,
move_lead, reopen_lead, undo_move, assign_lead, tag_lead, log_call, add_note, add_task, complete_task, import_leads.
May import: patients, billing, clinics.
"""
