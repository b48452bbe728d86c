"""Connections to the outside: one file each."""
