"""Owns leads and the pipeline: who asked, where they came from, what was said, what is next, and what became of it.

Main verbs: keep_submission, process_submission, replay_submission, ignore_submission, capture_lead, edit_lead,
move_lead, reopen_lead, undo_move, assign_lead, tag_lead, log_call, add_note, add_task, change_task, snooze_task,
cancel_task, complete_task, finish_task, suggest_move, switch_rule, work_call, correct_activity, add_document,
archive_lead, convert_lead, undo_conversion, import_leads, merge_leads, undo_merge, sweep_duplicates, dismiss_pair,
withdraw_lead.
May import: patients, billing, clinics.
"""
