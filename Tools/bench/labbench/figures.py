"""Medians, quartiles and ratios."""

import statistics


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile."""
    lower, middle, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, middle, upper


def ratio(ours: list[float], theirs: list[float]) -> tuple[float, float, float]:
    """The quotient of the medians, between the quartiles of the quotients round by round."""
    lower, _, upper = quartiles([a / b for a, b in zip(ours, theirs, strict=True)])
    return lower, statistics.median(ours) / statistics.median(theirs), upper
