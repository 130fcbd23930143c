"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# No test depends on how quick the machine is, on which others may be at work too.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
