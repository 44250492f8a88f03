"""The suite's ground rules live in tests/helpers/strictness.py, where they are tested themselves."""

from __future__ import annotations

pytest_plugins = ["pytester", "tests.helpers.strictness", "tests.helpers.secret_service"]
