/* Compiler attributes and builtins behind names of our own; the only file that asks which compiler it is. */
#ifndef RX_COMPILER_H
#define RX_COMPILER_H

#define RX_NODISCARD __attribute__((warn_unused_result))
#define RX_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define RX_FALLTHROUGH __attribute__((fallthrough))
#define RX_UNUSED __attribute__((unused))
#define RX_NOINLINE __attribute__((noinline))
#define RX_INLINE static inline __attribute__((always_inline, unused))
#define RX_COLD __attribute__((cold, noinline))
#define RX_LIKELY(x) __builtin_expect(!!(x), 1)
#define RX_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define RX_PREFETCH(address) __builtin_prefetch(address)
/* 128-bit products, which ISO C does not know. */
__extension__ typedef unsigned __int128 rx_u128;
__extension__ typedef __int128 rx_i128;

/* Hides where a scalar comes from, so that the compiler does not join it with its neighbour. */
#define RX_OPAQUE(scalar) __asm__("" : "+r"(scalar))

#define RX_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RX_CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* For our own bugs only: never reachable from a script, policy or file. Traps in every build. */
#define RX_ASSERT(cond) ((cond) ? (void)0 : __builtin_trap())
#define rx_unreachable() __builtin_trap()

/* Returns any status but REXI_OK to the caller; the only macro that hides control flow. */
#define RX_TRY(call)                                         \
	do {                                                 \
		enum rexi_status rx_try_status_ = (call);    \
		if (rx_try_status_ != REXI_OK)               \
			return rx_try_status_;               \
	} while (0)

#endif
