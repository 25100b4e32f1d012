# Benchmarks: never part of the tests. Each prints ratios to the peers that the machine has.
EXTRA_DIST += bench/run bench/lang

bench: all $(check_PROGRAMS)
	$(PYTHON3) $(top_srcdir)/bench/run --build .
.PHONY: bench
