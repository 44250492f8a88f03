"""The real keyring of the suite works; without this its absence would only show as skips."""

from __future__ import annotations

import subprocess
import sys

import keyring
import pytest


@pytest.mark.keyring
def test_a_secret_reaches_another_process() -> None:
    keyring.set_password("orgmirror-test", "entry", "s3cret")
    code = "import keyring; print(keyring.get_keyring().__module__, keyring.get_password('orgmirror-test', 'entry'))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["keyring.backends.SecretService", "s3cret"]
