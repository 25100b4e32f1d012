# sdk: sources and tests
include sdk/commands.mk
