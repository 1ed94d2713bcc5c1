"""Spend and key figure events from a file: read and tried out when it comes, taken over, undone.

`columns` (what a column is), `rows` (a row to its values, or why not), `working` (the way of a file).
"""
