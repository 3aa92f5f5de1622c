"""Speak to Cleo: settings, login, files and folders."""
