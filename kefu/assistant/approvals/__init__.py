"""Deeds that a rule lets only a person allow: asked for, decided by a named person, done once, told to the customer."""
