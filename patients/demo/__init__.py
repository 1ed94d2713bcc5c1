"""Scenery for the demo clinic: providers, families of patients, two years of visits, and a full week ahead."""
