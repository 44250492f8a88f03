"""Declarations of the standard objects, one module of text per subject."""
