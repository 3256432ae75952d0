"""The parts of peers-bench."""
