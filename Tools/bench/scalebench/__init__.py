"""Thousands of addresses on one machine, and what asking them costs."""
