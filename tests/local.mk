# Guards that keep the shape of the tree, and the full conformance run.
TESTS += tests/guards/layout tests/guards/symbols tests/guards/headers
EXTRA_DIST += sdk/entry.h autogen.sh bench/README.md docs/architecture.md docs/compatibility.md docs/policy-tools.md \
	tests/guards/static .ci/run
EXTRA_DIST += lang/README.md runner/README.md tests/README.md scripts fuzz/README.md \
	tests/guards/layout tests/guards/symbols tests/guards/headers \
	tests/conformance/run tests/conformance/check_cases.py tests/conformance/rex_cases.py tests/data tests/suite.h tests/memory.h

PYTHON3 = python3
# `make differential DIFFERENTIAL_COUNT=100000 DIFFERENTIAL_SEED=7` for more, or others.
DIFFERENTIAL_COUNT = 10000
DIFFERENTIAL_SEED = 1
conformance_run = $(PYTHON3) $(top_srcdir)/tests/conformance/run --src $(top_srcdir) --build .

# The committed cases, held to the baseline; then, where it is there, the shared folder with the published corpus.
conformance: all $(check_PROGRAMS)
	$(conformance_run)
	@if test -d $(top_srcdir)/../shared/conformance; then \
	  echo "the cases and the corpus of ../shared/conformance:"; \
	  $(conformance_run) --data $(top_srcdir)/../shared/conformance \
	    --corpus $(top_srcdir)/../shared/conformance/cedar/corpus.tar.xz; \
	else echo "no ../shared/conformance here: the published corpus is skipped"; fi
conformance-baseline: all $(check_PROGRAMS)
	$(conformance_run) --write-baseline
.PHONY: conformance conformance-baseline
