"""The shared vocabulary of the program. Imports nothing of it; everyone else may import this."""
