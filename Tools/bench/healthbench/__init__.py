"""The parts of health-bench."""
