"""Phone calls: who called, what was spoken on the tape, and a text to those who were not answered."""
