"""Speed and memory, measured: `make bench`, or `python -m benchmarks --quick`. Figures are printed, never asserted."""
