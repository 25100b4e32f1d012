# lang: sources and tests
EXTRA_DIST += lang/value.h lang/native.h
