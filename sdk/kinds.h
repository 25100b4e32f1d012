/* Error kinds of the SDK's other parts, by source; indexes are what rxs_fail_from takes. Source: sdk-system.md. */
#ifndef RXS_KINDS_H
#define RXS_KINDS_H

#include "sdk/error.h"
#include "sdk/native.h"

#define RXS_COMMON_KIND_LIST(X) X(ParseError) X(InvalidArguments) X(FormatError) X(Other)
#define RXS_SYSINFO_KIND_LIST(X)                                                                                         \
	X(AuthorizationError) X(PermissionDenied) X(IoError) X(CapsError) X(InvalidParameter) X(InvalidValue)             \
	X(PrivilegeError) X(ProcFsError) X(Other)
#define RXS_DISKINFO_KIND_LIST(X)                                                                                        \
	X(AuthorizationError) X(InvalidPath) X(SystemError) X(PermissionDenied) X(TryFromIntError) X(IoError) X(Other)    \
	X(NixError)
#define RXS_PROCESS_KIND_LIST(X)                                                                                         \
	X(ProcessNotFound) X(PidNamespaceOperationError) X(NamespaceOperationError) X(PermissionDenied)                   \
	X(AuthorizationError) X(ValidationError) X(CallbackExecutionError) X(ProcessEnumerationError) X(DBusError)        \
	X(PrivilegeError) X(ServiceNotFound) X(Other)

#define RXS_KIND_ENUM_COMMON(name) RXS_COMMON_##name,
enum rxs_common_kind { RXS_COMMON_KIND_LIST(RXS_KIND_ENUM_COMMON) RXS_COMMON_KIND_COUNT };
#define RXS_KIND_ENUM_SYSINFO(name) RXS_SYSINFO_KIND_##name,
enum rxs_sysinfo_kind { RXS_SYSINFO_KIND_LIST(RXS_KIND_ENUM_SYSINFO) RXS_SYSINFO_KIND_COUNT };
#define RXS_KIND_ENUM_DISKINFO(name) RXS_DISKINFO_KIND_##name,
enum rxs_diskinfo_kind { RXS_DISKINFO_KIND_LIST(RXS_KIND_ENUM_DISKINFO) RXS_DISKINFO_KIND_COUNT };
#define RXS_KIND_ENUM_PROCESS(name) RXS_PROCESS_KIND_##name,
enum rxs_process_kind { RXS_PROCESS_KIND_LIST(RXS_KIND_ENUM_PROCESS) RXS_PROCESS_KIND_COUNT };

/* A kind of any source but the file system's as a script value. */
RX_NODISCARD enum rexi_status rxs_kind_value(struct rxl_call *call, enum rxs_source source, unsigned kind,
					     struct rxl_value *out);
/* Calls `add` for every constant of these kinds and of DateTimeFormat. */
RX_NODISCARD enum rexi_status rxs_kinds_register(enum rexi_status (*add)(void *user, const char *module, const char *name,
									 enum rxs_type type, void *payload),
						 void *user);
/* Makes a failure of the file system or of a check one of another part; returns status. */
enum rexi_status rxs_failure_as(struct rxs_session *session, enum rxs_source source, enum rexi_status status);

/* "ParseError"; NULL when source has no such kind. */
const char *rxs_kind_name(enum rxs_source source, unsigned kind);

#endif
