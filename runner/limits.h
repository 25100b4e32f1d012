/* The limits of a run: their table, values and settings. */
#ifndef RXR_LIMITS_H
#define RXR_LIMITS_H

#include "base/buf.h"

enum rxr_limit {
#define REXI_LIMIT_ROW(id, name, unit, value, most, type, message, meaning) RXR_LIMIT_##id,
#include "runner/limits.def"
#undef REXI_LIMIT_ROW
	RXR_LIMIT_COUNT
};

enum rxr_limit_unit { RXR_UNIT_COUNT, RXR_UNIT_BYTES, RXR_UNIT_TIME };

struct rxr_limit_row {
	const char *name;
	enum rxr_limit_unit unit;
	uint64_t value; /* the default; 0 is no limit */
	uint64_t most;  /* largest setting; 0 is none */
	const char *error_type, *message, *meaning;
};

extern const struct rxr_limit_row rxr_limit_rows[RXR_LIMIT_COUNT];

struct rxr_limits {
	uint64_t value[RXR_LIMIT_COUNT]; /* 0 is no limit */
};

void rxr_limits_init(struct rxr_limits *limits);

/* Applies one NAME=VALUE. false: the complaint (one line, no newline) was appended. */
RX_NODISCARD bool rxr_limits_set(struct rxr_limits *limits, const char *setting, struct rx_buf *complaint);

/* A value as people write it: 5m, 512 MiB, 10,000. */
void rxr_limit_print(struct rx_buf *buf, enum rxr_limit limit, uint64_t value);

/* What `rexi limits` prints. */
void rxr_limits_list(struct rx_buf *buf, bool json);

#endif
