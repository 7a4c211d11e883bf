"""LIENDEA: from LinkedIn exports and GTM spreadsheets to a ranked, explained and lawful outreach list."""

__version__ = "0.1.0"
