"""What keeps an installation safe: backups."""
