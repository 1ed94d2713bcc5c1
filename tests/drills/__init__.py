"""Drills: many at once, in any order, forged, killed. Short in the suite; whole with --full."""
