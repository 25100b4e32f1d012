#include <config.h>

#include "sdk/kinds.h"

#include "sdk/datetime.h"
#include "sdk/natives.h"
#include "sdk/network.h"
#include "sdk/system.h"

#include "base/banned.h"

#define NAME(name) #name,
static const char *const common_names[] = { RXS_COMMON_KIND_LIST(NAME) };
static const char *const sysinfo_names[] = { RXS_SYSINFO_KIND_LIST(NAME) };
static const char *const diskinfo_names[] = { RXS_DISKINFO_KIND_LIST(NAME) };
static const char *const process_names[] = { RXS_PROCESS_KIND_LIST(NAME) };
static const char *const network_names[] = { RXS_NETWORK_KIND_LIST(NAME) };

static const struct {
	enum rxs_source source;
	enum rxs_type type;
	const char *const *names;
	unsigned count;
} tables[] = {
	{ RXS_SOURCE_COMMON, RXS_TYPE_RhaiCommonUtilsErrorKind, common_names, RX_COUNT(common_names) },
	{ RXS_SOURCE_SYSINFO, RXS_TYPE_RhaiSysteminfoErrorKind, sysinfo_names, RX_COUNT(sysinfo_names) },
	{ RXS_SOURCE_DISKINFO, RXS_TYPE_RhaiDiskinfoErrorKind, diskinfo_names, RX_COUNT(diskinfo_names) },
	{ RXS_SOURCE_PROCESS, RXS_TYPE_RhaiProcessErrorKind, process_names, RX_COUNT(process_names) },
	{ RXS_SOURCE_NETWORK, RXS_TYPE_RhaiNetworkErrorKind, network_names, RX_COUNT(network_names) },
};

const char *rxs_kind_name(enum rxs_source source, unsigned kind)
{
	for (size_t i = 0; i < RX_COUNT(tables); i++)
		if (tables[i].source == source && kind < tables[i].count)
			return tables[i].names[kind];
	return NULL;
}

enum rexi_status rxs_kind_value(struct rxl_call *call, enum rxs_source source, unsigned kind, struct rxl_value *out)
{
	for (size_t i = 0; i < RX_COUNT(tables); i++)
		if (tables[i].source == source && kind < tables[i].count)
			return rxs_object(call, tables[i].type, (void *)(uintptr_t)(kind + 1), out);
	return rxl_string_new(call->heap, RX_STR("Unknown"), out);
}

static void show(enum rxs_source source, const void *payload, struct rx_buf *out)
{
	const char *name = rxs_kind_name(source, rxs_kind_number(payload));

	rx_buf_str(out, rx_str(name ? name : "Unknown"));
}

void rxs_show_common_kind(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	show(RXS_SOURCE_COMMON, payload, out);
}

void rxs_show_sysinfo_kind(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	show(RXS_SOURCE_SYSINFO, payload, out);
}

void rxs_show_diskinfo_kind(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	show(RXS_SOURCE_DISKINFO, payload, out);
}

void rxs_show_process_kind(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	show(RXS_SOURCE_PROCESS, payload, out);
}

void rxs_show_network_kind(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	show(RXS_SOURCE_NETWORK, payload, out);
}

static const char *const transports[] = { "AUTO", "UDP", "TCP" };

void rxs_show_transport(const void *payload, struct rx_buf *out, bool debug)
{
	unsigned number = rxs_kind_number(payload);

	(void)debug;
	rx_buf_str(out, rx_str(number < RX_COUNT(transports) ? transports[number] : ""));
}

enum rexi_status rxs_kinds_register(enum rexi_status (*add)(void *user, const char *module, const char *name,
							    enum rxs_type type, void *payload),
				    void *user)
{
	for (size_t i = 0; i < RX_COUNT(tables); i++)
		for (unsigned kind = 0; kind < tables[i].count; kind++)
			RX_TRY(add(user, rxs_source_name(tables[i].source), tables[i].names[kind], tables[i].type,
				   (void *)(uintptr_t)(kind + 1)));
	for (unsigned i = 0; i < RX_COUNT(transports); i++)
		RX_TRY(add(user, "TransportProtocol", transports[i], RXS_TYPE_TransportProtocol, (void *)(uintptr_t)(i + 1)));
	for (unsigned i = 0; rxs_signal_name(i); i++) {
		RX_TRY(add(user, "Signal", rxs_signal_name(i), RXS_TYPE_Signal, (void *)(uintptr_t)(i + 1)));
		RX_TRY(add(user, "kill", rxs_signal_name(i), RXS_TYPE_Signal, (void *)(uintptr_t)(i + 1)));
	}
	for (unsigned i = 0; rxs_unit_state_name(i); i++)
		RX_TRY(add(user, "State", rxs_unit_state_name(i), RXS_TYPE_State, (void *)(uintptr_t)(i + 1)));
	RX_TRY(rxs_network_constants(add, user));
	for (unsigned i = 0; rxs_disk_unit_name(i); i++)
		RX_TRY(add(user, "Unit", rxs_disk_unit_name(i), RXS_TYPE_Unit, (void *)(uintptr_t)(i + 1)));
	RX_TRY(add(user, "DateTimeFormat", "RFC3339", RXS_TYPE_DateTimeFormat, (void *)(uintptr_t)RXS_FORMAT_RFC3339));
	return add(user, "DateTimeFormat", "RFC2822", RXS_TYPE_DateTimeFormat, (void *)(uintptr_t)RXS_FORMAT_RFC2822);
}

/* A failure of the file system or of a check, seen from another part: a denial and an authorisation error keep their kind
 * there (and stay denials), all else is Other. */
enum rexi_status rxs_failure_as(struct rxs_session *session, enum rxs_source source, enum rexi_status status)
{
	struct rxs_failure *failure = &session->failure;
	const char *name;

	if (status == REXI_OK || !failure->set || failure->source != RXS_SOURCE_IO)
		return status;
	name = rxs_io_kind_name(failure->kind);
	for (size_t i = 0; i < RX_COUNT(tables); i++) {
		unsigned kind, other = 0;
		if (tables[i].source != source)
			continue;
		for (unsigned k = 0; k < tables[i].count; k++)
			if (strcmp(tables[i].names[k], "Other") == 0)
				other = k;
		kind = other;
		if (strcmp(name, "PermissionDenied") == 0 || strcmp(name, "AuthorizationError") == 0)
			for (unsigned k = 0; k < tables[i].count; k++)
				if (strcmp(tables[i].names[k], name) == 0)
					kind = k;
		failure->source = source;
		failure->kind = kind;
	}
	return status;
}
