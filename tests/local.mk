# Guards that keep the shape of the tree, and the full conformance run.
TESTS += tests/guards/layout tests/guards/symbols tests/guards/headers
EXTRA_DIST += tests/guards/layout tests/guards/symbols tests/guards/headers \
	tests/conformance/run tests/conformance/check_cases.py tests/conformance/rex_cases.py tests/data

PYTHON3 = python3
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

# Random programs through the reference and through us. REXI_ORACLE_RHAI names the reference as a program that reads
# .cases files; without it the program in ../shared/oracle/rhai is built, where that and a Rust tool-chain are there.
DIFFERENTIAL_COUNT = 20000
DIFFERENTIAL_SEED = 1
differential: all $(check_PROGRAMS)
	@oracle=$$REXI_ORACLE_RHAI; \
	if test -z "$$oracle" && test -d $(top_srcdir)/../shared/oracle/rhai && command -v cargo >/dev/null; then \
	  mkdir -p oracle && cp -r $(top_srcdir)/../shared/oracle/rhai oracle/ && chmod -R u+w oracle && \
	  (cd oracle/rhai && cargo build --release --quiet) && oracle=oracle/rhai/target/release/rhai-cases; fi; \
	if test -z "$$oracle"; then echo "no reference here: differential runs are skipped"; exit 0; fi; \
	status=0; for mode in lang std; do \
	  $(PYTHON3) $(top_srcdir)/tests/differential/run --driver tests/conformance/rhai-cases --oracle $$oracle --mode $$mode \
	    --known $(top_srcdir)/tests/differential/known --count $(DIFFERENTIAL_COUNT) --seed $(DIFFERENTIAL_SEED) || status=1; \
	done; exit $$status
.PHONY: differential
EXTRA_DIST += tests/differential/generate.py tests/differential/run tests/differential/known
