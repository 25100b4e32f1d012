# Benchmarks: never part of the tests. Each prints ratios to the peers that the machine has.
EXTRA_DIST += bench/run bench/lang

EXTRA_PROGRAMS += bench/floor
bench_floor_SOURCES = bench/floor.c

bench: all $(check_PROGRAMS) bench/floor$(EXEEXT)
	$(PYTHON3) $(top_srcdir)/bench/run --build .
.PHONY: bench
