"""The wire of the demo org: one file per resource family, each a list of routes over plain functions."""
