# bench: sources and tests
