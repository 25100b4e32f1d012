# rexi policy: the tools
rexi_SOURCES += runner/policy_decide.c runner/policy_lint.c runner/policy_tool.c runner/policy_tool.h runner/policy_validate.c runner/policy_world.c runner/policy_world.h
