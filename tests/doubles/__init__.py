"""Other people's services, spoken to over real HTTP on this machine: what they answer, and what goes wrong."""
