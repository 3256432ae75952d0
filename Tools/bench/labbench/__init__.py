"""What the benchmarks on test hosts share."""
