"""From contacts to what is known about them: answers of files and services, merged with their sources."""
