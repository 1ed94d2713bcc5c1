"""Follow-up rules: noticing what sets them off, waiting, acting once, saying why; and trying a rule out on the past."""
