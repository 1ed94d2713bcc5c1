"""Addresses taken apart, as far as comparing needs it."""

from clinics.normalising import name_key


def split_street(text):
    """The house numbers and the name of a folded street: "742 elm st." -> ({"742"}, "elmst")."""
    words = text.replace(",", " ").replace(".", " ").split()
    numbers = {word for word in words if any(letter.isdigit() for letter in word)}
    return numbers, "".join(word for word in words if word not in numbers)


def plain(text):
    """Letters and digits alone, without case and accents: "SW1A 1AA" -> "sw1a1aa"."""
    return "".join(letter for letter in name_key(text) if letter.isalnum())
