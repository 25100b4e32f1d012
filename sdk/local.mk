# sdk: sources and tests
