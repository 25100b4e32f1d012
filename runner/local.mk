# runner: sources and tests
