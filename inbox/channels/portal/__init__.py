"""Messages within the portal of this installation."""
