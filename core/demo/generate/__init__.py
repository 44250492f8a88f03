"""Makes the demo company: believable, coherent records, the same for the same seed."""
