# cedar: sources and tests
