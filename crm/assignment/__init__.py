"""Who gets a lead: the rules and turns (choosing), the one way of giving, trying out, handing over, and mending."""
