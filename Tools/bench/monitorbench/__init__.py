"""The parts of monitor-bench."""
