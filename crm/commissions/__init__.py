"""Who earns what of collected money: `rules` (what a rule may say), `reckoning` (pure arithmetic), `events` (what was
paid, and through whom), `statements` (a month, its lines and its lock), `reasons` (each line in words).
"""
