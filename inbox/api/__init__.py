"""The API of the inbox: conversations and their messages, and sending one, for programs.

An operation finds its row, calls one verb and answers with what came of it. It knows no rule of its own.
"""
