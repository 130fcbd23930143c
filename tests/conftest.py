"""What holds for all tests."""

import signal

from hypothesis import HealthCheck, settings

# No test depends on how quick the machine is, on which others may be at work too.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Shells start what runs in the background with Ctrl-C ignored, and programs inherit that: those
# that are to be stopped by it would run for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
