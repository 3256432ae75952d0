"""The parts of deploy-bench."""
