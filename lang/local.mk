# lang: sources and tests
