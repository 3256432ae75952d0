"""The parts of audit-bench."""
