# fuzz: sources and tests
