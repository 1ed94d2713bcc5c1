"""What other services tell of leads: one file a source (how it signs, what it sends), and what they share.

A source keeps what came as an inquiry and lets `crm.understanding` make a lead of it; the readers of that stand beside
their source.
"""
