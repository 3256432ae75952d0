"""The parts of change-bench."""
