"""The whole conftest of a run of mutants: pure tests only, the same examples each time."""

from hypothesis import HealthCheck, settings

settings.register_profile("mutants", deadline=None, max_examples=40, database=None,
                          derandomize=True, suppress_health_check=list(HealthCheck))  # fmt: skip
settings.load_profile("mutants")
