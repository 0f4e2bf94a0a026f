"""What every test has: system programs are looked for once, and never missed silently in CI."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

PROGRAMS = {"bind9": "named", "openssl": "openssl"}

settings.register_profile("certplan", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("fast", parent=settings.get_profile("certplan"), max_examples=20)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "certplan"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("system"):
        package = marker.args[0]
        if shutil.which(PROGRAMS[package]) is None:
            reason = f"needs {PROGRAMS[package]} from the system package {package}"
            if os.environ.get("CI"):
                pytest.fail(f"{reason}, which CI has to install", pytrace=False)
            pytest.skip(reason)
