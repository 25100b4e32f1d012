# sdk: what scripts can do to the host, the enforcement point, the host seam
sdk_headers = \
	sdk/actions.def sdk/authorize.h sdk/error.h sdk/fs.h sdk/host_fs.h sdk/native.h sdk/natives.def sdk/natives_fs.def \
	sdk/options.def sdk/options.h sdk/path.h sdk/reader.h sdk/redact.h sdk/regex.h sdk/session.h sdk/types.def
EXTRA_DIST += sdk/README.md $(sdk_headers)
include sdk/commands.mk
