/*
 * Large libraries that only a few functions need (certificates) are loaded when one of those is called, so that
 * starting costs what a script uses. The list of a library's functions is a macro LIST(X) after its headers:
 *
 *     RXS_LAZY(lazy_crypto, CRYPTO_SONAME, CRYPTO_LIST)    // struct of pointers and lazy_crypto_load()
 *     #define X509_new (*lazy_crypto.X509_new)
 */
#ifndef RXS_HOST_LIBRARY_H
#define RXS_HOST_LIBRARY_H

#include <stdatomic.h>

#include "base/compiler.h"

#include <rexi/base.h>

/* Fills table (count pointers to functions) with the functions of these names; false when the library or one is missing. */
bool rxs_host_library(const char *soname, const char *const *names, size_t count, void *table);

#define RXS_LAZY_POINTER(f) __typeof__(&f) f;
#define RXS_LAZY_NAME(f) #f,
/* The table is the same for the whole process and never changes once it is full; two threads may fill it at once. */
#define RXS_LAZY(table, soname, LIST)                                                                       \
	static struct { LIST(RXS_LAZY_POINTER) } table;                                                     \
	static bool table##_load(void)                                                                      \
	{                                                                                                   \
		static const char *const names[] = { LIST(RXS_LAZY_NAME) };                                 \
		static atomic_bool full;                                                                    \
		if (!atomic_load_explicit(&full, memory_order_acquire)) {                                   \
			if (!rxs_host_library(soname, names, RX_COUNT(names), &table))                      \
				return false;                                                               \
			atomic_store_explicit(&full, true, memory_order_release);                           \
		}                                                                                           \
		return true;                                                                                \
	}

#endif
