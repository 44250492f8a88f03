"""The ways to sign in, one module each: `obtain(draft, secrets, transport)` answers a `Grant`."""
