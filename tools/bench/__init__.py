"""Figures and ratios, one file a benchmark: it prints what it measures and can write it as JSON."""
